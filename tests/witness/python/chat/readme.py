"""The steps of the package's README, in its order, with the slips of its text corrected.

The README gives `get_properties` an argument that it does not take, removes a user by a name that was never set, and
skips five items of lists that have fewer.

Rules of chat 9, 11, 13, 14, 19, 22, 24 to 29, 32, 33, 51, 52, 59, 62, 63 and 67.
"""

import uuid
from datetime import datetime, timedelta, timezone

from azure.communication.chat import (
    ChatMessageType,
    ChatParticipant,
    CommunicationUserIdentifier,
)
from azure.core.exceptions import ResourceNotFoundError

from conversation import chat_refuses, converse, ids, pages
from witness import expect


def a_user_and_its_token(stage):
    stage.user = stage.identity.create_user()
    token = stage.identity.get_token(stage.user, scopes=["chat"])
    stage.client = stage.chat(token.token)


def a_thread_with_a_topic_only(stage):
    result = stage.client.create_chat_thread("test topic")
    expect("topic", result.chat_thread.topic, "test topic")
    expect("created_by", result.chat_thread.created_by.raw_id, stage.user.raw_id)
    client = stage.client.get_chat_thread_client(result.chat_thread.id)
    participants = [participant.identifier.raw_id for participant in client.list_participants()]
    expect("participants", participants, [stage.user.raw_id])


def a_repeated_request_makes_one_thread(stage):
    participants = [
        ChatParticipant(
            identifier=stage.user, display_name="name", share_history_time=datetime.now(timezone.utc)
        )
    ]
    token = uuid.uuid4()
    results = [
        stage.client.create_chat_thread(
            "test topic", thread_participants=participants, idempotency_token=token
        )
        for _ in range(2)
    ]
    stage.thread_id = results[0].chat_thread.id
    expect("thread", results[1].chat_thread.id, stage.thread_id)
    retry = [participant for participant, error in results[0].errors]
    expect("participants to retry", retry, [])


def a_client_for_the_thread(stage):
    stage.thread = stage.client.get_chat_thread_client(stage.thread_id)
    expect("thread_id", stage.thread.thread_id, stage.thread_id)


def its_properties(stage):
    properties = stage.thread.get_properties()
    expect("id", properties.id, stage.thread_id)
    expect("topic", properties.topic, "test topic")
    expect("fractions of a second", properties.created_on.microsecond, 0)


def the_list_of_threads(stage):
    start = datetime.now(timezone.utc) - timedelta(days=2)
    threads = stage.client.list_chat_threads(results_per_page=5, start_time=start)
    listed = [thread for page in threads.by_page() for thread in page]
    expect("number of threads", len(listed), 2)
    expect("newest", (listed[0].id, listed[0].topic), (stage.thread_id, "test topic"))


def another_topic(stage):
    stage.thread.update_topic(topic="new topic")
    expect("topic", stage.thread.get_properties().topic, "new topic")
    # Without a topic the call succeeds and changes nothing.
    stage.thread.update_topic()
    expect("topic", stage.thread.get_properties().topic, "new topic")


def a_deleted_thread_is_gone(stage):
    stage.client.delete_chat_thread(thread_id=stage.thread_id)
    chat_refuses(404, stage.thread.get_properties, "NotFound", kind=ResourceNotFoundError)


def messages(stage):
    result = stage.client.create_chat_thread("test topic")
    stage.thread = stage.client.get_chat_thread_client(result.chat_thread.id)
    stage.message_id = stage.thread.send_message("hello world").id
    stage.named_id = stage.thread.send_message(
        "hello world", sender_display_name="sender name", chat_message_type=ChatMessageType.TEXT
    ).id
    html = stage.thread.send_message("<b>hello</b>", chat_message_type=ChatMessageType.HTML)
    expect("type", stage.thread.get_message(html.id).type, ChatMessageType.HTML)


def one_message(stage):
    message = stage.thread.get_message(message_id=stage.message_id)
    expect("content", message.content.message, "hello world")
    expect("type", message.type, ChatMessageType.TEXT)
    expect("sender", message.sender.raw_id, stage.user.raw_id)
    expect("sender_display_name", message.sender_display_name, "")
    expect("id", message.id, message.version)
    expect("sequence_id", message.sequence_id, "3")
    named = stage.thread.get_message(message_id=stage.named_id)
    expect("sender_display_name", named.sender_display_name, "sender name")


def the_list_of_messages(stage):
    start = datetime.now(timezone.utc) - timedelta(days=1)
    listing = stage.thread.list_messages(results_per_page=1, start_time=start)
    listed = pages(listing)
    expect("sizes of pages", [len(page) for page in listed], [1, 1, 1, 1, 1])
    messages = [message for page in listed for message in page]
    expect("order", [message.sequence_id for message in messages], ["5", "4", "3", "2", "1"])
    expect("types", [message.type for message in messages[3:]], ["topicUpdated", "participantAdded"])
    expect("topic", messages[3].content.topic, "test topic")
    expect("initiator", messages[4].content.initiator.raw_id, stage.user.raw_id)
    added = [participant.identifier.raw_id for participant in messages[4].content.participants]
    expect("added", added, [stage.user.raw_id])


def an_edited_message(stage):
    before = stage.thread.get_message(stage.message_id)
    expect("edited_on", before.edited_on, None)
    stage.thread.update_message(stage.message_id, content="updated message content")
    message = stage.thread.get_message(message_id=stage.message_id)
    expect("content", message.content.message, "updated message content")
    expect("created_on", message.created_on, before.created_on)
    expect("edited", message.edited_on is not None, True)
    expect("sequence_id", message.sequence_id, "6")


def an_edit_of_metadata_alone_keeps_the_content(stage):
    stage.thread.update_message(stage.message_id, metadata={"tags": "blue"})
    message = stage.thread.get_message(stage.message_id)
    expect("content", message.content.message, "updated message content")
    expect("metadata", message.metadata, {"tags": "blue"})


def a_deleted_message_leaves_a_tombstone(stage):
    stage.thread.delete_message(message_id=stage.message_id)
    message = stage.thread.get_message(stage.message_id)
    expect("content", message.content.message, "")
    expect("deleted", message.deleted_on is not None, True)
    expect("newest", ids(stage.thread.list_messages())[0], stage.message_id)


def the_list_of_participants(stage):
    expect("beyond the end", pages(stage.thread.list_participants(results_per_page=5, skip=5)), [[]])
    participants = list(stage.thread.list_participants(results_per_page=5))
    expect("participants", [p.identifier.raw_id for p in participants], [stage.user.raw_id])
    # Without a time all history is shared.
    expect("share_history_time", participants[0].share_history_time.year, 1970)


def two_more_participants(stage):
    stage.new_users = [stage.identity.create_user() for _ in range(2)]
    participants = [
        ChatParticipant(
            identifier=user, display_name="Fred Flinstone", share_history_time=datetime.now(timezone.utc)
        )
        for user in stage.new_users
    ]
    failed = stage.thread.add_participants(thread_participants=participants)
    expect("participants to retry", [participant for participant, error in failed], [])
    listed = list(stage.thread.list_participants())
    expected = [stage.user.raw_id] + [user.raw_id for user in stage.new_users]
    expect("participants", [participant.identifier.raw_id for participant in listed], expected)
    expect("display_name", listed[1].display_name, "Fred Flinstone")
    newest = next(iter(stage.thread.list_messages()))
    expect("type", newest.type, ChatMessageType.PARTICIPANT_ADDED)
    expect("added at once", len(newest.content.participants), 2)


def one_participant_fewer(stage):
    stage.thread.remove_participant(identifier=stage.new_users[0])
    by_id = CommunicationUserIdentifier(stage.new_users[1].raw_id)
    stage.thread.remove_participant(identifier=by_id)
    expect("participants", len(list(stage.thread.list_participants())), 1)
    newest = next(iter(stage.thread.list_messages()))
    expect("type", newest.type, ChatMessageType.PARTICIPANT_REMOVED)


def typing_is_told(stage):
    before = ids(stage.thread.list_messages())
    stage.thread.send_typing_notification(sender_display_name="Fred")
    data = stage.event("ChatTypingIndicatorReceivedInThread", f"thread/{stage.thread.thread_id}")
    expect("sender", data["senderDisplayName"], "Fred")
    expect("messages", ids(stage.thread.list_messages()), before)


def a_read_receipt(stage):
    stage.read_id = stage.thread.send_message("hello world").id
    stage.thread.send_read_receipt(message_id=stage.named_id)
    stage.thread.send_read_receipt(message_id=stage.read_id)


def the_list_of_read_receipts(stage):
    expect("beyond the end", list(stage.thread.list_read_receipts(results_per_page=5, skip=5)), [])
    receipts = list(stage.thread.list_read_receipts(results_per_page=5))
    read = [(receipt.sender.raw_id, receipt.chat_message_id) for receipt in receipts]
    # The last one of each reader counts.
    expect("receipts", read, [(stage.user.raw_id, stage.read_id)])
    expect("fractions of a second", receipts[0].read_on.microsecond, 0)


converse(
    __file__,
    [
        a_user_and_its_token,
        a_thread_with_a_topic_only,
        a_repeated_request_makes_one_thread,
        a_client_for_the_thread,
        its_properties,
        the_list_of_threads,
        another_topic,
        a_deleted_thread_is_gone,
        messages,
        one_message,
        the_list_of_messages,
        an_edited_message,
        an_edit_of_metadata_alone_keeps_the_content,
        a_deleted_message_leaves_a_tombstone,
        the_list_of_participants,
        two_more_participants,
        one_participant_fewer,
        typing_is_told,
        a_read_receipt,
        the_list_of_read_receipts,
    ],
)
