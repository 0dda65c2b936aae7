// Users and their tokens: made, limited, revoked, deleted; and the callers that identity takes.
//
// Rules of auth-identity 31, 32, 74 to 83, 86 and 88.

import assert from "node:assert/strict";

import { CommunicationIdentityClient } from "@azure/communication-identity";

import { all, claims, identityRefuses, play, refused } from "../witness.mjs";

const PERSON = "22222222-2222-2222-2222-222222222222";
const APPLICATION = "33333333-3333-3333-3333-333333333333";
const SCOPE = "https://auth.msft.communication.azure.com/Teams.ManageCalls";

function assertLifetime({ token, expiresOn }, minutes) {
  const { exp, iat } = claims(token);
  assert.equal(exp - iat, minutes * 60);
  assert.equal(Math.floor(expiresOn.getTime() / 1000), exp);
}

async function assertLetIn(stage, token) {
  assert.deepEqual(await all(stage.chat(token).listChatThreads()), []);
}

async function assertLockedOut(stage, token) {
  await refused(401, () => all(stage.chat(token).listChatThreads()));
}

async function usersBelongToTheResource(stage) {
  stage.user = await stage.identity.createUser();
  const other = await stage.identity.createUser();
  const [first, second] = [stage.user, other].map((user) => user.communicationUserId.split("_"));
  assert.ok(first[0].startsWith("8:acs:"));
  assert.equal(first[0], second[0]);
  assert.notEqual(first[1], second[1]);
}

async function aUserComesWithAToken(stage) {
  const made = await stage.identity.createUserAndToken(["chat"]);
  assert.equal(`8:${claims(made.token).skypeid}`, made.user.communicationUserId);
  assert.equal(claims(made.token).acsScope, "chat");
  assertLifetime(made, 1440);
  await assertLetIn(stage, made.token);
}

async function tokensCarryTheirScopes(stage) {
  const sets = [["voip"], ["chat", "voip"], ["chat.join"], ["chat.join.limited"], ["voip.join"]];
  for (const scopes of sets) {
    const { token } = await stage.identity.getToken(stage.user, scopes);
    assert.deepEqual(claims(token).acsScope.split(",").sort(), scopes);
  }
}

async function lifetimesAreAnHourToADay(stage) {
  for (const tokenExpiresInMinutes of [60, 1440]) {
    const options = { tokenExpiresInMinutes };
    const issued = await stage.identity.getToken(stage.user, ["chat"], options);
    assertLifetime(issued, tokenExpiresInMinutes);
    const made = await stage.identity.createUserAndToken(["chat"], options);
    assertLifetime(made, tokenExpiresInMinutes);
  }
  for (const tokenExpiresInMinutes of [59, 1441]) {
    const options = { tokenExpiresInMinutes };
    const says = `ExpiresInMinutes value ${tokenExpiresInMinutes} is invalid`;
    for (const call of [
      () => stage.identity.getToken(stage.user, ["chat"], options),
      () => stage.identity.createUserAndToken(["chat"], options),
    ]) {
      await identityRefuses(400, call, "ValidationError", says);
    }
  }
}

async function scopesMustBeKnownOnes(stage) {
  for (const scopes of [[], ["chats"]]) {
    const call = () => stage.identity.getToken(stage.user, scopes);
    await identityRefuses(400, call, "ValidationError", "cope");
  }
}

async function revokedTokensAreRefused(stage) {
  const { token } = await stage.identity.getToken(stage.user, ["chat"]);
  await assertLetIn(stage, token);
  await stage.identity.revokeTokens(stage.user);
  await assertLockedOut(stage, token);
  await assertLetIn(stage, (await stage.identity.getToken(stage.user, ["chat"])).token);
}

async function aDeletedUserIsGone(stage) {
  const { token } = await stage.identity.getToken(stage.user, ["chat"]);
  await stage.identity.deleteUser(stage.user);
  await assertLockedOut(stage, token);
  const call = () => stage.identity.getToken(stage.user, ["chat"]);
  await identityRefuses(404, call, "IdentityNotFound");
  await stage.identity.deleteUser(stage.user);
}

async function whatIsNoUserIsRefused(stage) {
  const call = () => stage.identity.revokeTokens({ communicationUserId: "nobody" });
  await identityRefuses(400, call, "ValidationError");
}

async function endpointAndKeyServeAsWell(stage) {
  const identity = new CommunicationIdentityClient(stage.address, { key: stage.key });
  assert.ok((await identity.createUser()).communicationUserId);
  const insecure = { allowInsecureConnection: true };
  const plain = new CommunicationIdentityClient(stage.endpoint, { key: stage.key }, insecure);
  assert.ok((await plain.createUser()).communicationUserId);
}

async function anotherKeyIsNotLetIn(stage) {
  const key = "c29tZSBvdGhlciBrZXk=";
  const stranger = new CommunicationIdentityClient(stage.address, { key });
  await identityRefuses(401, () => stranger.createUser(), "Denied");
}

async function anEntraTokenIsLetIn(stage) {
  const credential = {
    async getToken(scopes) {
      assert.deepEqual([scopes].flat(), ["https://communication.azure.com//.default"]);
      const token = await stage.entraOfApplication(APPLICATION, [scopes].flat()[0]);
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const identity = new CommunicationIdentityClient(stage.address, credential);
  const { token } = await identity.createUserAndToken(["chat"]);
  await assertLetIn(stage, token);
}

async function theTokenOfAPersonOfTeamsIsExchanged(stage) {
  const teamsUserAadToken = await stage.entraOfPerson(PERSON, APPLICATION, SCOPE);
  const good = { teamsUserAadToken, clientId: APPLICATION, userObjectId: PERSON };
  const { token } = await stage.identity.getTokenForTeamsUser(good);
  assert.equal(claims(token).skypeid, `orgid:${PERSON}`);
  assert.equal(claims(token).acsScope, "voip");
  for (const [change, status, code] of [
    [{ teamsUserAadToken: "" }, 401, "InvalidAccessToken"],
    [{ clientId: "app" }, 400, "ValidationError"],
    [{ userObjectId: "me" }, 400, "ValidationError"],
  ]) {
    const call = () => stage.identity.getTokenForTeamsUser({ ...good, ...change });
    await identityRefuses(status, call, code);
  }
}

await play(import.meta.url, [
  usersBelongToTheResource,
  aUserComesWithAToken,
  tokensCarryTheirScopes,
  lifetimesAreAnHourToADay,
  scopesMustBeKnownOnes,
  revokedTokensAreRefused,
  aDeletedUserIsGone,
  whatIsNoUserIsRefused,
  endpointAndKeyServeAsWell,
  anotherKeyIsNotLetIn,
  anEntraTokenIsLetIn,
  theTokenOfAPersonOfTeamsIsExchanged,
]);
