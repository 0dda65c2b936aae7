"""What chat refuses, with which status, code and message.

The package looks for `error`, which the service does not send (rules 71 and 72 of chat), so the body is read here.

Rules of chat 16, 23, 36, 37, 41, 61, 68, 69, 70, 71 and 75.
"""

from azure.communication.chat import ChatParticipant, CommunicationUserIdentifier
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError

from conversation import chat_refuses, converse, token_of_nobody
from witness import expect, refusal


def a_thread_of_two(stage):
    stage.ann, stage.bob = stage.person(), stage.person()
    stage.room = stage.thread(stage.ann, thread_participants=[stage.bob.participant()])
    stage.bobs = stage.bob.chat.get_chat_thread_client(stage.room.thread_id)
    stage.message = stage.room.send_message("mine").id


def whoever_is_not_known_is_refused_without_a_word(stage):
    head, payload, signature = stage.ann.token.split(".")
    altered = ".".join([head, payload, signature[::-1]])
    of_bob = ".".join([head, stage.bob.token.split(".")[1], signature])
    for token in [token_of_nobody(seconds=3600), altered, of_bob]:
        chat = stage.chat(token)
        what, error = refusal(401, lambda: next(chat.list_chat_threads()), ClientAuthenticationError)
        expect(f"{what}: body", error.response.body(), b"")


def whoever_is_not_in_the_thread_is_forbidden_everything(stage):
    stranger = stage.person()
    room = stranger.chat.get_chat_thread_client(stage.room.thread_id)
    for call in [
        room.get_properties,
        lambda: room.update_topic("theirs"),
        lambda: next(room.list_messages()),
        lambda: room.get_message(stage.message),
        lambda: room.send_message("hello"),
        lambda: next(room.list_participants()),
        lambda: room.add_participants([stranger.participant()]),
        lambda: room.remove_participant(stage.bob.identifier),
        room.send_typing_notification,
        lambda: room.send_read_receipt(stage.message),
        lambda: next(room.list_read_receipts()),
        lambda: stranger.chat.delete_chat_thread(room.thread_id),
    ]:
        chat_refuses(403, call, "Forbidden", says="permission")


def only_the_sender_changes_a_message(stage):
    chat_refuses(403, lambda: stage.bobs.update_message(stage.message, content="no"), "Forbidden")
    chat_refuses(403, lambda: stage.bobs.delete_message(stage.message), "Forbidden")
    expect("content", stage.room.get_message(stage.message).content.message, "mine")


def scopes_say_what_a_token_may_do(stage):
    chat_refuses(403, lambda: stage.person("voip").chat.create_chat_thread("t"), "Forbidden")
    joining, limited = stage.person("chat.join"), stage.person("chat.join.limited")
    added = stage.room.add_participants([joining.participant(), limited.participant()])
    expect("failed", added, [])
    for person in (joining, limited):
        room = person.chat.get_chat_thread_client(stage.room.thread_id)
        room.send_message("hello")
        chat_refuses(403, lambda: person.chat.create_chat_thread("t"), "Forbidden")
        chat_refuses(403, lambda: room.update_topic("t"), "Forbidden")
        chat_refuses(403, lambda: person.chat.delete_chat_thread(room.thread_id), "Forbidden")
    newcomer = stage.person()
    room = joining.chat.get_chat_thread_client(stage.room.thread_id)
    expect("failed", room.add_participants([newcomer.participant()]), [])
    room = limited.chat.get_chat_thread_client(stage.room.thread_id)
    chat_refuses(403, lambda: room.remove_participant(newcomer.identifier), "Forbidden")


def a_removed_participant_sends_no_more(stage):
    stage.room.remove_participant(stage.bob.identifier)
    chat_refuses(403, lambda: stage.bobs.send_message("still here?"), "Forbidden")


def what_is_not_there_is_not_found(stage):
    nowhere = stage.ann.chat.get_chat_thread_client("19:nothing@thread.v2")
    for call in [
        nowhere.get_properties,
        lambda: nowhere.send_message("hello"),
        lambda: stage.ann.chat.delete_chat_thread(nowhere.thread_id),
        lambda: stage.room.get_message("1"),
        lambda: stage.room.update_message("1", content="no"),
        lambda: stage.room.delete_message("1"),
        lambda: stage.room.send_read_receipt("1"),
    ]:
        chat_refuses(404, call, "NotFound", kind=ResourceNotFoundError)


def unusable_requests_are_refused_and_change_nothing(stage):
    resource = stage.ann.id.rpartition("_")[0]
    crowd = [
        ChatParticipant(identifier=CommunicationUserIdentifier(f"{resource}_{number:036}"))
        for number in range(201)
    ]
    before = [message.id for message in stage.room.list_messages()]
    for call, part in [
        (lambda: stage.ann.chat.create_chat_thread("t", thread_participants=crowd), "participants"),
        (lambda: stage.room.add_participants(crowd), "participants"),
        (lambda: stage.room.send_message("x" * 29_000), "content"),
        (lambda: stage.room.list_messages(results_per_page=0).next(), "maxPageSize"),
        (lambda: stage.room.list_participants(skip=-1).next(), "skip"),
    ]:
        chat_refuses(400, call, "BadRequest", says=part)
    expect("messages", [message.id for message in stage.room.list_messages()], before)
    expect("threads", len(list(stage.ann.chat.list_chat_threads())), 1)


converse(
    __file__,
    [
        a_thread_of_two,
        whoever_is_not_known_is_refused_without_a_word,
        whoever_is_not_in_the_thread_is_forbidden_everything,
        only_the_sender_changes_a_message,
        scopes_say_what_a_token_may_do,
        a_removed_participant_sends_no_more,
        what_is_not_there_is_not_found,
        unusable_requests_are_refused_and_change_nothing,
    ],
)
