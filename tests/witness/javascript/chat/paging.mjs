// Lists in pages: sizes, order, start times, skipping, resuming, and what comes in between.
//
// Rules of chat 19 to 21, 31 to 33, 39, 42 to 50, 52, 60 and 63.

import assert from "node:assert/strict";

import { all, chatRefuses, ids, play } from "../witness.mjs";

async function pages(list) {
  return (await all(list.byPage())).map((page) => [...page]);
}

async function aThreadWithTwelveMessages(stage) {
  stage.ann = await stage.person();
  stage.room = await stage.thread(stage.ann);
  stage.sent = [];
  for (let n = 0; n < 12; n++) {
    stage.sent.unshift((await stage.room.sendMessage({ content: `message ${n}` })).id);
  }
}

async function messagesComeNewestFirst(stage) {
  const listed = await pages(stage.room.listMessages({ maxPageSize: 5 }));
  assert.deepEqual(listed.map((page) => page.length), [5, 5, 4]);
  const numbers = listed.flat().map((message) => Number(message.sequenceId));
  assert.deepEqual(numbers, [14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  assert.deepEqual(ids(listed.flat()).slice(0, 12), stage.sent);
}

async function whatIsSentMeanwhileIsNotInLaterPages(stage) {
  const listing = stage.room.listMessages({ maxPageSize: 5 });
  const found = [(await listing.next()).value];
  await stage.room.sendMessage({ content: "meanwhile" });
  found.push(...(await all(listing)));
  assert.equal(found.length, 14);
  assert.deepEqual(ids(found).slice(0, 12), stage.sent);
}

async function whatIsEditedOrDeletedMeanwhileComesOnce(stage) {
  const listing = stage.room.listMessages({ maxPageSize: 5 }).byPage();
  const found = ids((await listing.next()).value);
  await stage.room.updateMessage(found[1], { content: "edited after it was read" });
  await stage.room.updateMessage(stage.sent[9], { content: "edited before it was read" });
  await stage.room.deleteMessage(stage.sent[8]);
  for (const page of await all(listing)) {
    found.push(...ids(page));
  }
  assert.equal(found.length, 15);
  assert.equal(new Set(found).size, 15);
}

async function messagesFromATimeOn(stage) {
  await stage.passTime(3600);
  const startTime = await stage.now();
  await stage.passTime(60);
  const late = [];
  for (let n = 0; n < 3; n++) {
    late.unshift((await stage.room.sendMessage({ content: `late ${n}` })).id);
  }
  const listed = await pages(stage.room.listMessages({ startTime, maxPageSize: 2 }));
  assert.deepEqual(listed.map(ids), [late.slice(0, 2), late.slice(2)]);
}

async function threadsComeByTheirLastActivity(stage) {
  stage.bob = await stage.person();
  stage.rooms = [];
  for (let n = 0; n < 5; n++) {
    stage.rooms.push(await stage.thread(stage.bob, `topic ${n}`));
    await stage.passTime(60);
  }
  await stage.rooms[0].sendMessage({ content: "up" });
  const order = [0, 4, 3, 2, 1].map((n) => stage.rooms[n].threadId);
  const listed = await pages(stage.bob.chat.listChatThreads({ maxPageSize: 2 }));
  assert.deepEqual(listed.map(ids), [order.slice(0, 2), order.slice(2, 4), order.slice(4)]);
  const startTime = new Date((await stage.now()).getTime() - 150_000);
  const recent = await all(stage.bob.chat.listChatThreads({ startTime }));
  assert.deepEqual(ids(recent), order.slice(0, 3));
}

async function participantsComeAsTheyJoined(stage) {
  stage.people = [];
  for (let n = 0; n < 6; n++) {
    stage.people.push(await stage.person());
  }
  const participants = stage.people.map((person) => ({ id: person.user }));
  await stage.rooms[0].addParticipants({ participants });
  const everybody = [stage.bob, ...stage.people].map((person) => person.id);
  const listed = async (options) => {
    const found = await pages(stage.rooms[0].listParticipants(options));
    return found.map((page) => page.map((participant) => participant.id.communicationUserId));
  };
  assert.deepEqual(await listed({ maxPageSize: 3 }), [
    everybody.slice(0, 3),
    everybody.slice(3, 6),
    everybody.slice(6),
  ]);
  const skipped = [everybody.slice(4, 6), everybody.slice(6)];
  assert.deepEqual(await listed({ maxPageSize: 2, skip: 4 }), skipped);
  assert.deepEqual((await listed({ skip: 7 })).flat(), []);
}

async function receiptsComeOneForEachReader(stage) {
  const { id } = await stage.rooms[0].sendMessage({ content: "read this" });
  for (const person of stage.people) {
    const room = person.chat.getChatThreadClient(stage.rooms[0].threadId);
    await room.sendReadReceipt({ chatMessageId: id });
  }
  const listed = await pages(stage.rooms[0].listReadReceipts({ maxPageSize: 4, skip: 1 }));
  assert.deepEqual(listed.map((page) => page.length), [4, 1]);
}

async function aNewcomerListsWhatIsSharedWithIt(stage) {
  const newcomer = await stage.person();
  await stage.passTime(60);
  const shareHistoryTime = await stage.now();
  await stage.passTime(60);
  await stage.room.sendMessage({ content: "after it was shared" });
  await stage.room.addParticipants({ participants: [{ id: newcomer.user, shareHistoryTime }] });
  const room = newcomer.chat.getChatThreadClient(stage.room.threadId);
  const texts = (await all(room.listMessages())).map((message) => message.content.message);
  assert.deepEqual(texts, [undefined, "after it was shared"]);
}

async function pagesHaveASize(stage) {
  for (const maxPageSize of [0, -1]) {
    const call = () => stage.room.listMessages({ maxPageSize }).next();
    await chatRefuses(400, call, "BadRequest", "maxPageSize");
  }
}

await play(import.meta.url, [
  aThreadWithTwelveMessages,
  messagesComeNewestFirst,
  whatIsSentMeanwhileIsNotInLaterPages,
  whatIsEditedOrDeletedMeanwhileComesOnce,
  messagesFromATimeOn,
  threadsComeByTheirLastActivity,
  participantsComeAsTheyJoined,
  receiptsComeOneForEachReader,
  aNewcomerListsWhatIsSharedWithIt,
  pagesHaveASize,
]);
