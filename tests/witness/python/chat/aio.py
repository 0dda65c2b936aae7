"""The package's async clients: threads, messages, participants, lists, partial failure, and tokens refreshed on demand.

Rules of chat 9, 11, 14, 19, 22, 24 to 29, 32, 33, 41, 42, 53, 57, 58, 61 to 63, 67, 71 and 74; of auth-identity 45, 46
and 49.
"""

import asyncio
import uuid

from azure.communication.chat import ChatMessageType, ChatParticipant
from azure.communication.chat.aio import CommunicationTokenCredential
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError

from conversation import AsyncConversation, converse, error_of_chat, token_of_nobody
from witness import expect, refusal_async


async def listed(listing):
    return [item async for item in listing]


async def sizes(listing):
    return [len([item async for item in page]) async for page in listing.by_page()]


async def two_people(stage):
    stage.anna = await stage.person()
    stage.ben = await stage.person()


async def a_repeated_request_makes_one_thread(stage):
    token = uuid.uuid4()
    participants = [ChatParticipant(identifier=stage.ben.identifier, display_name="Ben")]
    results = [
        await stage.anna.chat.create_chat_thread(
            "topic", thread_participants=participants, idempotency_token=token
        )
        for _ in range(2)
    ]
    expect("errors", results[0].errors, [])
    expect("thread", results[1].chat_thread.id, results[0].chat_thread.id)
    thread_id = results[0].chat_thread.id
    stage.thread = stage.thread_of(stage.anna, thread_id)
    stage.bens = stage.thread_of(stage.ben, thread_id)


async def its_topic(stage):
    await stage.thread.update_topic(topic="new topic")
    expect("topic", (await stage.bens.get_properties()).topic, "new topic")
    threads = await listed(stage.ben.chat.list_chat_threads(results_per_page=5))
    expect("threads", [thread.topic for thread in threads], ["new topic"])


async def messages_sent_at_a_time_all_arrive(stage):
    texts = [f"message {n}" for n in range(9)]
    sent = await asyncio.gather(*[stage.thread.send_message(text) for text in texts])
    expect("ids", len({message.id for message in sent}), 9)
    found = await listed(stage.bens.list_messages(results_per_page=4))
    written = [message.content.message for message in found if message.type == ChatMessageType.TEXT]
    expect("messages", sorted(written), texts)
    # Twelve with those that the service wrote.
    expect("sizes of pages", await sizes(stage.bens.list_messages(results_per_page=4)), [4, 4, 4])
    stage.message_id = sent[0].id


async def a_message_is_edited_and_deleted(stage):
    await stage.thread.update_message(stage.message_id, content="edited", metadata={"colour": "blue"})
    message = await stage.bens.get_message(stage.message_id)
    expect("content", message.content.message, "edited")
    expect("metadata", message.metadata, {"colour": "blue"})
    await stage.thread.delete_message(stage.message_id)
    message = await stage.bens.get_message(stage.message_id)
    expect("content", message.content.message, "")
    expect("deleted", message.deleted_on is not None, True)


async def receipts_and_typing(stage):
    message = await stage.thread.send_message("read me", sender_display_name="Anna")
    await stage.bens.send_read_receipt(message.id)
    receipts = await listed(stage.thread.list_read_receipts())
    read = [(receipt.sender.raw_id, receipt.chat_message_id) for receipt in receipts]
    expect("receipts", read, [(stage.ben.id, message.id)])
    await stage.bens.send_typing_notification(sender_display_name="Ben")
    data = stage.event("ChatTypingIndicatorReceivedInThread", f"thread/{stage.thread.thread_id}")
    expect("sender", data["senderDisplayName"], "Ben")


async def some_of_the_participants_cannot_be_added(stage):
    clara = await stage.person()
    stranger = "8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000"
    added = [
        ChatParticipant(identifier=clara.identifier, display_name="Clara"),
        ChatParticipant(identifier=type(clara.identifier)(stranger)),
    ]
    failed = await stage.thread.add_participants(added)
    expect("failed", [(who.identifier.raw_id, error.code) for who, error in failed], [(stranger, "404")])
    found = [who.identifier.raw_id for who in await listed(stage.thread.list_participants())]
    expect("participants", found, [stage.anna.id, stage.ben.id, clara.id])
    await stage.thread.remove_participant(clara.identifier)
    expect("participants", len(await listed(stage.thread.list_participants())), 2)


async def refusals_keep_their_bodies(stage):
    clara = await stage.person()
    client = stage.thread_of(clara, stage.thread.thread_id)
    error_of_chat(*await refusal_async(403, lambda: client.send_message("let me in")), "Forbidden")
    call = lambda: stage.thread.get_message("1")
    error_of_chat(*await refusal_async(404, call, ResourceNotFoundError), "NotFound")
    nobody = stage.chat(token_of_nobody(seconds=600))
    await refusal_async(
        401, lambda: nobody.create_chat_thread("topic"), ClientAuthenticationError
    )


async def a_deleted_thread_is_gone(stage):
    await stage.anna.chat.delete_chat_thread(stage.thread.thread_id)
    error_of_chat(
        *await refusal_async(404, stage.thread.get_properties, ResourceNotFoundError), "NotFound"
    )


class Refresher:
    """Gets a new token for a user whenever it is asked."""

    def __init__(self, stage, person):
        self.stage = stage
        self.person = person
        self.calls = 0

    async def __call__(self):
        self.calls += 1
        issued = await self.stage.identity.get_token(self.person.identifier, ["chat"])
        return await CommunicationTokenCredential(issued.token).get_token()


async def a_refresher_is_asked_when_the_token_is_about_to_end(stage):
    refresher = Refresher(stage, stage.anna)
    chat = stage.chat(token_of_nobody(seconds=60), token_refresher=refresher)
    for _ in range(3):
        expect("threads", await listed(chat.list_chat_threads()), [])
    expect("calls", refresher.calls, 1)


async def an_expired_replacement_is_an_error(stage):
    old = await CommunicationTokenCredential(token_of_nobody(seconds=-60)).get_token()

    async def stale():
        return old

    chat = stage.chat(token_of_nobody(seconds=-60), token_refresher=stale)
    try:
        await listed(chat.list_chat_threads())
    except ValueError as error:
        expect("error", str(error), "The token returned from the token_refresher is expired.")
    else:
        raise AssertionError("an expired token was taken")


converse(
    __file__,
    [
        two_people,
        a_repeated_request_makes_one_thread,
        its_topic,
        messages_sent_at_a_time_all_arrive,
        a_message_is_edited_and_deleted,
        receipts_and_typing,
        some_of_the_participants_cannot_be_added,
        refusals_keep_their_bodies,
        a_deleted_thread_is_gone,
        a_refresher_is_asked_when_the_token_is_about_to_end,
        an_expired_replacement_is_an_error,
    ],
    on=AsyncConversation,
)
