// What chat refuses, with which status, code and message.
//
// Rules of chat 16, 17, 18, 23, 36, 37, 41, 61, 68, 69, 70, 71 and 75.

import assert from "node:assert/strict";

import { all, chatRefuses, ids, play, refused, tokenOfNobody } from "../witness.mjs";

async function aThreadOfTwo(stage) {
  stage.ann = await stage.person();
  stage.bob = await stage.person();
  stage.room = await stage.thread(stage.ann, "topic", { participants: [{ id: stage.bob.user }] });
  stage.bobs = stage.bob.chat.getChatThreadClient(stage.room.threadId);
  stage.message = (await stage.room.sendMessage({ content: "mine" })).id;
}

async function whoeverIsNotKnownIsRefusedWithoutAWord(stage) {
  const [head, , signature] = stage.ann.token.split(".");
  const ofBob = [head, stage.bob.token.split(".")[1], signature].join(".");
  for (const token of [tokenOfNobody(3600), ofBob]) {
    const error = await refused(401, () => all(stage.chat(token).listChatThreads()));
    assert.equal(error.response.bodyAsText, "");
  }
}

async function whoeverIsNotInTheThreadIsForbiddenEverything(stage) {
  const stranger = await stage.person();
  const room = stranger.chat.getChatThreadClient(stage.room.threadId);
  for (const call of [
    () => room.getProperties(),
    () => room.updateTopic("theirs"),
    () => all(room.listMessages()),
    () => room.getMessage(stage.message),
    () => room.sendMessage({ content: "hello" }),
    () => all(room.listParticipants()),
    () => room.addParticipants({ participants: [{ id: stranger.user }] }),
    () => room.removeParticipant(stage.bob.user),
    () => room.sendTypingNotification(),
    () => room.sendReadReceipt({ chatMessageId: stage.message }),
    () => all(room.listReadReceipts()),
    () => stranger.chat.deleteChatThread(room.threadId),
  ]) {
    await chatRefuses(403, call, "Forbidden", "permission");
  }
}

async function onlyTheSenderChangesAMessage(stage) {
  const edit = () => stage.bobs.updateMessage(stage.message, { content: "no" });
  await chatRefuses(403, edit, "Forbidden");
  await chatRefuses(403, () => stage.bobs.deleteMessage(stage.message), "Forbidden");
  assert.equal((await stage.room.getMessage(stage.message)).content.message, "mine");
}

async function scopesSayWhatATokenMayDo(stage) {
  const voip = await stage.person("voip");
  await chatRefuses(403, () => voip.chat.createChatThread({ topic: "t" }), "Forbidden");
  const joining = await stage.person("chat.join");
  await stage.room.addParticipants({ participants: [{ id: joining.user }] });
  const room = joining.chat.getChatThreadClient(stage.room.threadId);
  await room.sendMessage({ content: "hello" });
  await chatRefuses(403, () => joining.chat.createChatThread({ topic: "t" }), "Forbidden");
  await chatRefuses(403, () => room.updateTopic("t"), "Forbidden");
}

async function aRemovedParticipantSendsNoMore(stage) {
  await stage.room.removeParticipant(stage.bob.user);
  await chatRefuses(403, () => stage.bobs.sendMessage({ content: "still here?" }), "Forbidden");
}

async function whatIsNotThereIsNotFound(stage) {
  const nowhere = stage.ann.chat.getChatThreadClient("19:nothing@thread.v2");
  for (const call of [
    () => nowhere.getProperties(),
    () => nowhere.sendMessage({ content: "hello" }),
    () => stage.ann.chat.deleteChatThread(nowhere.threadId),
    () => stage.room.getMessage("1"),
    () => stage.room.updateMessage("1", { content: "no" }),
    () => stage.room.deleteMessage("1"),
    () => stage.room.sendReadReceipt({ chatMessageId: "1" }),
  ]) {
    await chatRefuses(404, call, "NotFound");
  }
}

async function unusableRequestsAreRefusedAndChangeNothing(stage) {
  const resource = stage.ann.id.slice(0, stage.ann.id.lastIndexOf("_"));
  const crowd = Array.from({ length: 201 }, (_, n) => ({
    id: { communicationUserId: `${resource}_${String(n).padStart(36, "0")}` },
  }));
  const retention = (deleteThreadAfterDays) => ({
    retentionPolicy: { kind: "threadCreationDate", deleteThreadAfterDays },
  });
  const before = ids(await all(stage.room.listMessages()));
  for (const [call, part] of [
    [() => stage.ann.chat.createChatThread({ topic: "" }), "topic"],
    [() => stage.ann.chat.createChatThread({ topic: "t" }, { participants: crowd }), "participants"],
    [() => stage.ann.chat.createChatThread({ topic: "t" }, retention(29)), "retentionPolicy"],
    [() => stage.room.updateProperties(retention(91)), "retentionPolicy"],
    [() => stage.room.updateProperties({ metadata: { big: "x".repeat(1100) } }), "metadata"],
    [() => stage.room.addParticipants({ participants: crowd }), "participants"],
    [() => stage.room.sendMessage({ content: "x".repeat(29_000) }), "content"],
    [() => all(stage.room.listParticipants({ skip: -1 })), "skip"],
  ]) {
    await chatRefuses(400, call, "BadRequest", part);
  }
  assert.deepEqual(ids(await all(stage.room.listMessages())), before);
  assert.equal((await all(stage.ann.chat.listChatThreads())).length, 1);
}

await play(import.meta.url, [
  aThreadOfTwo,
  whoeverIsNotKnownIsRefusedWithoutAWord,
  whoeverIsNotInTheThreadIsForbiddenEverything,
  onlyTheSenderChangesAMessage,
  scopesSayWhatATokenMayDo,
  aRemovedParticipantSendsNoMore,
  whatIsNotThereIsNotFound,
  unusableRequestsAreRefusedAndChangeNothing,
]);
