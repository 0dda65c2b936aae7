// The steps of the package's README, which are those of the Python package too, and what only this package can say:
// metadata and retention (api-version 2025-03-15).
//
// Rules of chat 9, 11, 13, 14, 17 to 19, 22, 24 to 29, 32 to 35, 51, 52, 59, 62, 63, 66 and 67.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { DAY, all, chatRefuses, ids, play } from "../witness.mjs";

async function aUserAndItsToken(stage) {
  stage.user = await stage.identity.createUser();
  const { token } = await stage.identity.getToken(stage.user, ["chat"]);
  stage.client = stage.chat(token);
}

async function aThreadWithATopicOnly(stage) {
  const { chatThread } = await stage.client.createChatThread({ topic: "test topic" });
  assert.equal(chatThread.topic, "test topic");
  assert.deepEqual(chatThread.createdBy, { kind: "communicationUser", ...stage.user });
  const participants = await all(stage.client.getChatThreadClient(chatThread.id).listParticipants());
  assert.deepEqual(participants[0].id, { kind: "communicationUser", ...stage.user });
  assert.equal(participants.length, 1);
}

async function aRepeatedRequestMakesOneThread(stage) {
  const options = {
    participants: [{ id: stage.user, displayName: "name", shareHistoryTime: new Date() }],
    idempotencyToken: randomUUID(),
  };
  const first = await stage.client.createChatThread({ topic: "test topic" }, options);
  const second = await stage.client.createChatThread({ topic: "test topic" }, options);
  assert.equal(first.invalidParticipants, undefined);
  assert.equal(second.chatThread.id, first.chatThread.id);
  stage.thread = stage.client.getChatThreadClient(first.chatThread.id);
}

async function itsProperties(stage) {
  const properties = await stage.thread.getProperties();
  assert.equal(properties.id, stage.thread.threadId);
  assert.equal(properties.topic, "test topic");
  assert.equal(properties.createdOn.getMilliseconds(), 0);
}

async function theListOfThreads(stage) {
  const startTime = new Date(Date.now() - 2 * DAY);
  const threads = await all(stage.client.listChatThreads({ maxPageSize: 5, startTime }));
  assert.equal(threads.length, 2);
  assert.equal(threads[0].id, stage.thread.threadId);
  assert.equal(threads[0].topic, "test topic");
}

async function anotherTopic(stage) {
  await stage.thread.updateTopic("new topic");
  assert.equal((await stage.thread.getProperties()).topic, "new topic");
}

async function metadataOfAThreadIsMerged(stage) {
  await stage.thread.updateProperties({ metadata: { a: "1", b: "2" } });
  await stage.thread.updateProperties({ metadata: { b: "3" }, topic: "newer topic" });
  const properties = await stage.thread.getProperties();
  assert.deepEqual(properties.metadata, { a: "1", b: "3" });
  assert.equal(properties.topic, "newer topic");
}

async function aThreadMayEndByItself(stage) {
  const retentionPolicy = { kind: "threadCreationDate", deleteThreadAfterDays: 60 };
  await stage.thread.updateProperties({ retentionPolicy });
  assert.deepEqual((await stage.thread.getProperties()).retentionPolicy, retentionPolicy);
  await stage.thread.updateProperties({ retentionPolicy: { kind: "none" } });
  const policy = (await stage.thread.getProperties()).retentionPolicy;
  assert.ok(policy === undefined || policy.kind === "none", JSON.stringify(policy));
}

async function aDeletedThreadIsGone(stage) {
  await stage.client.deleteChatThread(stage.thread.threadId);
  await chatRefuses(404, () => stage.thread.getProperties(), "NotFound");
}

async function messages(stage) {
  const { chatThread } = await stage.client.createChatThread({ topic: "test topic" });
  stage.thread = stage.client.getChatThreadClient(chatThread.id);
  stage.messageId = (await stage.thread.sendMessage({ content: "hello world" })).id;
  const options = { senderDisplayName: "sender name", type: "html", metadata: { mood: "good" } };
  stage.namedId = (await stage.thread.sendMessage({ content: "<b>hello</b>" }, options)).id;
}

async function oneMessage(stage) {
  const message = await stage.thread.getMessage(stage.messageId);
  assert.equal(message.content.message, "hello world");
  assert.equal(message.type, "text");
  assert.deepEqual(message.sender, { kind: "communicationUser", ...stage.user });
  assert.equal(message.senderDisplayName, "");
  assert.equal(message.version, message.id);
  assert.equal(message.sequenceId, "3");
  const named = await stage.thread.getMessage(stage.namedId);
  assert.equal(named.type, "html");
  assert.equal(named.senderDisplayName, "sender name");
  assert.deepEqual(named.metadata, { mood: "good" });
}

async function theListOfMessages(stage) {
  const startTime = new Date(Date.now() - DAY);
  const listed = await all(stage.thread.listMessages({ maxPageSize: 1, startTime }));
  assert.deepEqual(listed.map((message) => message.sequenceId), ["4", "3", "2", "1"]);
  const [, , topic, added] = listed;
  assert.deepEqual([topic.type, added.type], ["topicUpdated", "participantAdded"]);
  assert.equal(topic.content.topic, "test topic");
  assert.deepEqual(added.content.initiator, { kind: "communicationUser", ...stage.user });
  assert.deepEqual(added.content.participants[0].id, { kind: "communicationUser", ...stage.user });
}

async function anEditedMessage(stage) {
  const before = await stage.thread.getMessage(stage.messageId);
  await stage.thread.updateMessage(stage.messageId, { content: "updated" });
  const message = await stage.thread.getMessage(stage.messageId);
  assert.equal(message.content.message, "updated");
  assert.deepEqual(message.createdOn, before.createdOn);
  assert.ok(message.editedOn);
  assert.equal(message.sequenceId, "5");
}

async function anEditOfMetadataKeepsContentAndOtherKeys(stage) {
  await stage.thread.updateMessage(stage.namedId, { metadata: { tags: "blue" } });
  await stage.thread.updateMessage(stage.namedId, { metadata: { mood: "" } });
  const message = await stage.thread.getMessage(stage.namedId);
  assert.equal(message.content.message, "<b>hello</b>");
  assert.deepEqual(message.metadata, { tags: "blue" });
}

async function aDeletedMessageLeavesATombstone(stage) {
  await stage.thread.deleteMessage(stage.messageId);
  const message = await stage.thread.getMessage(stage.messageId);
  assert.equal(message.content.message, "");
  assert.ok(message.deletedOn);
  assert.equal(ids(await all(stage.thread.listMessages()))[0], stage.messageId);
}

async function twoMoreParticipants(stage) {
  stage.newUsers = [await stage.identity.createUser(), await stage.identity.createUser()];
  const participants = stage.newUsers.map((id) => ({
    id,
    displayName: "Fred Flinstone",
    shareHistoryTime: new Date(),
    metadata: { role: "guest" },
  }));
  const result = await stage.thread.addParticipants({ participants });
  assert.equal(result.invalidParticipants, undefined);
  const listed = await all(stage.thread.listParticipants());
  const users = listed.map((participant) => participant.id.communicationUserId);
  assert.deepEqual(users, [stage.user, ...stage.newUsers].map((user) => user.communicationUserId));
  assert.equal(listed[0].shareHistoryTime.getTime(), 0);
  assert.equal(listed[1].displayName, "Fred Flinstone");
  assert.deepEqual(listed[1].metadata, { role: "guest" });
  assert.deepEqual(await all(stage.thread.listParticipants({ skip: 5 })), []);
}

async function oneParticipantFewer(stage) {
  await stage.thread.removeParticipant(stage.newUsers[0]);
  assert.equal((await all(stage.thread.listParticipants())).length, 2);
  const [newest] = await all(stage.thread.listMessages());
  assert.equal(newest.type, "participantRemoved");
}

async function typingIsTold(stage) {
  const before = ids(await all(stage.thread.listMessages()));
  assert.equal(await stage.thread.sendTypingNotification({ senderDisplayName: "Fred" }), true);
  // The package itself holds back the next one.
  assert.equal(await stage.thread.sendTypingNotification(), false);
  const subject = `thread/${stage.thread.threadId}`;
  const data = await stage.event("ChatTypingIndicatorReceivedInThread", subject);
  assert.equal(data.senderDisplayName, "Fred");
  assert.deepEqual(ids(await all(stage.thread.listMessages())), before);
}

async function readReceipts(stage) {
  const { id } = await stage.thread.sendMessage({ content: "read this" });
  await stage.thread.sendReadReceipt({ chatMessageId: stage.namedId });
  await stage.thread.sendReadReceipt({ chatMessageId: id });
  const receipts = await all(stage.thread.listReadReceipts());
  assert.equal(receipts.length, 1);
  assert.equal(receipts[0].chatMessageId, id);
  assert.deepEqual(receipts[0].sender, { kind: "communicationUser", ...stage.user });
  assert.equal(receipts[0].readOn.getMilliseconds(), 0);
}

await play(import.meta.url, [
  aUserAndItsToken,
  aThreadWithATopicOnly,
  aRepeatedRequestMakesOneThread,
  itsProperties,
  theListOfThreads,
  anotherTopic,
  metadataOfAThreadIsMerged,
  aThreadMayEndByItself,
  aDeletedThreadIsGone,
  messages,
  oneMessage,
  theListOfMessages,
  anEditedMessage,
  anEditOfMetadataKeepsContentAndOtherKeys,
  aDeletedMessageLeavesATombstone,
  twoMoreParticipants,
  oneParticipantFewer,
  typingIsTold,
  readReceipts,
]);
