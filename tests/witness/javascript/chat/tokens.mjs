// Tokens that end, and credentials that get new ones in time.
//
// The package compares a token's end with this computer's time, which no test moves. So the first token of a refreshing
// credential is one that the emulator would refuse: a call succeeds only if the credential had it replaced.
//
// Rules of auth-identity 43 to 50 and 86.

import assert from "node:assert/strict";
import { once, EventEmitter } from "node:events";

import { ChatClient } from "@azure/communication-chat";
import { AzureCommunicationTokenCredential } from "@azure/communication-common";

import { PATIENCE, all, play, refused, tokenOfNobody } from "../witness.mjs";

// Gets a new token for a user whenever it is asked.
class Refresher extends EventEmitter {
  calls = 0;

  constructor(stage, person) {
    super();
    this.tokenRefresher = async () => {
      this.calls += 1;
      const { token } = await stage.identity.getToken(person.user, ["chat"]);
      this.emit("called");
      return token;
    };
  }
}

async function aStaticTokenEnds(stage) {
  const person = await stage.person();
  const options = { tokenExpiresInMinutes: 60 };
  const short = await stage.identity.getToken(person.user, ["chat"], options);
  const chat = stage.chat(short.token);
  assert.deepEqual(await all(chat.listChatThreads()), []);
  await stage.passTime(61 * 60);
  const error = await refused(401, () => all(chat.listChatThreads()));
  assert.equal(error.response.bodyAsText, "");
  assert.deepEqual(await all(person.chat.listChatThreads()), []);
}

async function aRefresherIsAskedWhenTheTokenHasEnded(stage) {
  const refresher = new Refresher(stage, await stage.person());
  const { tokenRefresher } = refresher;
  const chat = stage.chat({ token: tokenOfNobody(-60), tokenRefresher });
  for (let n = 0; n < 3; n++) {
    assert.deepEqual(await all(chat.listChatThreads()), []);
  }
  assert.equal(refresher.calls, 1);
}

async function theFirstTokenMayComeFromTheRefresher(stage) {
  const refresher = new Refresher(stage, await stage.person());
  const chat = stage.chat({ tokenRefresher: refresher.tokenRefresher });
  assert.deepEqual(await all(chat.listChatThreads()), []);
  assert.equal(refresher.calls, 1);
}

async function itIsNotAskedWhileTheTokenLives(stage) {
  const person = await stage.person();
  const refresher = new Refresher(stage, person);
  const chat = stage.chat({ token: person.token, tokenRefresher: refresher.tokenRefresher });
  assert.deepEqual(await all(chat.listChatThreads()), []);
  assert.equal(refresher.calls, 0);
}

async function manyCallersShareOneRefresh(stage) {
  const refresher = new Refresher(stage, await stage.person());
  const chat = stage.chat({ tokenRefresher: refresher.tokenRefresher });
  const calls = Array.from({ length: 8 }, () => all(chat.listChatThreads()));
  assert.deepEqual((await Promise.all(calls)).flat(), []);
  assert.equal(refresher.calls, 1);
}

async function aTokenIsRefreshedAheadOfNeed(stage) {
  const refresher = new Refresher(stage, await stage.person());
  const called = once(refresher, "called", { signal: AbortSignal.timeout(PATIENCE) });
  // The timer goes off ten minutes before the end.
  const credential = new AzureCommunicationTokenCredential({
    token: tokenOfNobody(602),
    tokenRefresher: refresher.tokenRefresher,
    refreshProactively: true,
  });
  try {
    await called;
    assert.deepEqual(await all(new ChatClient(stage.address, credential).listChatThreads()), []);
    assert.equal(refresher.calls, 1);
  } finally {
    credential.dispose();
  }
}

async function anExpiredReplacementIsAnError(stage) {
  const chat = stage.chat({ tokenRefresher: async () => tokenOfNobody(-60) });
  await assert.rejects(all(chat.listChatThreads()), {
    message: "The token returned from the tokenRefresher is expired.",
  });
}

async function whatIsNoTokenIsRefusedBeforeAnyRequest(stage) {
  assert.throws(() => stage.chat("no token"));
}

await play(import.meta.url, [
  aStaticTokenEnds,
  aRefresherIsAskedWhenTheTokenHasEnded,
  theFirstTokenMayComeFromTheRefresher,
  itIsNotAskedWhileTheTokenLives,
  manyCallersShareOneRefresh,
  aTokenIsRefreshedAheadOfNeed,
  anExpiredReplacementIsAnError,
  whatIsNoTokenIsRefusedBeforeAnyRequest,
]);
