// A person of Teams who gets a token through its Entra credential, as this package does by itself.
//
// The package has no call for assignments, so they are written here by plain requests.
//
// Rules of auth-identity 54 to 58 and 84.

import assert from "node:assert/strict";

import { AzureCommunicationTokenCredential } from "@azure/communication-common";

import { TENANT, claims, play } from "../witness.mjs";

const PERSON = "22222222-2222-2222-2222-222222222222";
const APPLICATION = "33333333-3333-3333-3333-333333333333";
const SCOPE = "https://auth.msft.communication.azure.com/TeamsExtension.ManageCalls";

async function assign(stage, method, body) {
  const scope = "https://communication.azure.com//.default";
  const path = `/access/teamsExtension/tenants/${TENANT}/assignments/${PERSON}`;
  const answer = await fetch(`${stage.address}${path}?api-version=2025-06-30`, {
    method,
    headers: {
      authorization: `Bearer ${await stage.entraOfApplication(APPLICATION, scope)}`,
      "content-type": "application/json",
    },
    body: body && JSON.stringify(body),
  });
  return answer.status;
}

// Asks the emulator for the Entra token of the person, and counts how often it was asked.
class EntraCredential {
  calls = 0;

  constructor(stage) {
    this.stage = stage;
  }

  async getToken(scopes) {
    this.calls += 1;
    assert.deepEqual(scopes, [SCOPE]);
    this.token ??= await this.stage.entraOfPerson(PERSON, APPLICATION, SCOPE);
    return { token: this.token, expiresOnTimestamp: claims(this.token).exp * 1000 };
  }
}

function credential(stage, tokenCredential) {
  const options = { resourceEndpoint: stage.address, tokenCredential, scopes: [SCOPE] };
  return new AzureCommunicationTokenCredential(options);
}

async function withoutAnAssignmentItIsForbidden(stage) {
  const call = credential(stage, new EntraCredential(stage)).getToken();
  await assert.rejects(call, /Service request failed\. Status: 403/);
}

async function withAnAssignmentItGetsAToken(stage) {
  const assignment = { principalType: "user", clientIds: [APPLICATION] };
  assert.equal(await assign(stage, "PUT", assignment), 201);
  stage.entra = new EntraCredential(stage);
  stage.credential = credential(stage, stage.entra);
  stage.first = await stage.credential.getToken();
  const resource = claims(stage.first.token).resourceId;
  assert.equal(claims(stage.first.token).skypeid, `acs:${resource}_${TENANT}_${PERSON}`);
}

async function theTokenLivesAsLongAsTheEntraToken(stage) {
  const { exp } = claims(stage.entra.token);
  assert.equal(claims(stage.first.token).exp, exp);
  assert.equal(Math.floor(stage.first.expiresOnTimestamp / 1000), exp);
}

async function theSameEntraTokenIsExchangedOnce(stage) {
  const calls = stage.entra.calls;
  assert.equal((await stage.credential.getToken()).token, stage.first.token);
  assert.equal(stage.entra.calls, calls + 1);
}

async function anotherApplicationIsForbidden(stage) {
  const other = { principalType: "user", clientIds: [PERSON] };
  assert.equal(await assign(stage, "PUT", other), 200);
  const call = credential(stage, new EntraCredential(stage)).getToken();
  await assert.rejects(call, /Service request failed\. Status: 403/);
}

async function withoutTheAssignmentItIsForbiddenAgain(stage) {
  assert.equal(await assign(stage, "DELETE"), 204);
  const call = credential(stage, new EntraCredential(stage)).getToken();
  await assert.rejects(call, /Service request failed\. Status: 403/);
}

await play(import.meta.url, [
  withoutAnAssignmentItIsForbidden,
  withAnAssignmentItGetsAToken,
  theTokenLivesAsLongAsTheEntraToken,
  theSameEntraTokenIsExchangedOnce,
  anotherApplicationIsForbidden,
  withoutTheAssignmentItIsForbiddenAgain,
]);
