// Participants who cannot be added, while others are.
//
// Rules of chat 9, 53, 54, 57, 58 and 77.

import assert from "node:assert/strict";

import { all, play } from "../witness.mjs";

async function members(room) {
  const participants = await all(room.listParticipants());
  return participants.map((participant) => participant.id.communicationUserId);
}

async function creatingAThreadNamesWhoFailed(stage) {
  stage.ann = await stage.person();
  stage.bob = await stage.person();
  const resource = stage.ann.id.slice(0, stage.ann.id.lastIndexOf("_"));
  const unknown = `${resource}_00000000-0000-0000-0000-00000000beef`;
  stage.strangers = [
    { participant: { id: { communicationUserId: unknown } }, code: "404", target: unknown },
    {
      participant: { id: { microsoftTeamsUserId: "44444444-4444-4444-4444-444444444444" } },
      code: "403",
      target: "8:orgid:44444444-4444-4444-4444-444444444444",
    },
    { participant: { id: { phoneNumber: "+15550123" } }, code: "403", target: "4:+15550123" },
  ];
  const participants = stage.strangers.map(({ participant }) => participant);
  participants.splice(1, 0, { id: stage.bob.user });
  const result = await stage.ann.chat.createChatThread({ topic: "topic" }, { participants });
  const failed = result.invalidParticipants.map(({ code, target }) => ({ code, target }));
  assert.deepEqual(failed, stage.strangers.map(({ code, target }) => ({ code, target })));
  const messages = result.invalidParticipants.map(({ message }) => message);
  assert.deepEqual(messages, ["Not found", "Permissions check failed", "Permissions check failed"]);
  stage.room = stage.ann.chat.getChatThreadClient(result.chatThread.id);
  assert.deepEqual(await members(stage.room), [stage.ann.id, stage.bob.id]);
}

async function addingNamesWhoFailed(stage) {
  const cy = await stage.person();
  const participants = [stage.strangers[0].participant, { id: cy.user }];
  const { invalidParticipants } = await stage.room.addParticipants({ participants });
  assert.deepEqual(invalidParticipants.map(({ code }) => code), ["404"]);
  assert.deepEqual(await members(stage.room), [stage.ann.id, stage.bob.id, cy.id]);
  const [newest] = await all(stage.room.listMessages());
  assert.deepEqual(newest.content.participants.map(({ id }) => id.communicationUserId), [cy.id]);
}

async function aCallInWhichAllFailLeavesNoMessage(stage) {
  const before = await all(stage.room.listMessages());
  const participants = [stage.strangers[0].participant];
  assert.equal((await stage.room.addParticipants({ participants })).invalidParticipants.length, 1);
  assert.equal((await all(stage.room.listMessages())).length, before.length);
}

async function whoIsThereAlreadyIsNoFailure(stage) {
  const before = await members(stage.room);
  const result = await stage.room.addParticipants({ participants: [{ id: stage.bob.user }] });
  assert.equal(result.invalidParticipants, undefined);
  assert.deepEqual(await members(stage.room), before);
}

await play(import.meta.url, [
  creatingAThreadNamesWhoFailed,
  addingNamesWhoFailed,
  aCallInWhichAllFailLeavesNoMessage,
  whoIsThereAlreadyIsNoFailure,
]);
