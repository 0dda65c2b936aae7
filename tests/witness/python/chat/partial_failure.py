"""Participants who cannot be added, while others are.

Rules of chat 9, 53, 55, 57, 58 and 77.
"""

from azure.communication.chat import ChatParticipant, CommunicationUserIdentifier

from conversation import converse
from witness import expect


def members(room):
    return [participant.identifier.raw_id for participant in room.list_participants()]


def unknown(stage):
    """Two users who do not exist: one of this resource, one of another."""
    resource = stage.ann.id.rpartition("_")[0]
    suffix = "00000000-0000-0000-0000-00000000beef"
    ids = [f"{resource}_{suffix}", f"8:acs:11111111-2222-3333-4444-555555555555_{suffix}"]
    return [ChatParticipant(identifier=CommunicationUserIdentifier(id)) for id in ids]


def creating_a_thread_names_who_failed(stage):
    stage.ann, stage.bob, stage.cy = (stage.person() for _ in range(3))
    strangers = unknown(stage)
    result = stage.ann.chat.create_chat_thread(
        "topic", thread_participants=[strangers[0], stage.bob.participant(), strangers[1]]
    )
    expect("failed", [participant for participant, error in result.errors], strangers)
    for participant, error in result.errors:
        expect("code", error.code, "404")
        expect("message", error.message, "Not found")
        expect("target", error.target, participant.identifier.raw_id)
    stage.room = stage.ann.chat.get_chat_thread_client(result.chat_thread.id)
    expect("participants", members(stage.room), [stage.ann.id, stage.bob.id])


def adding_names_who_failed(stage):
    strangers = unknown(stage)
    failed = stage.room.add_participants([strangers[0], stage.cy.participant()])
    expect("failed", [(p, e.code) for p, e in failed], [(strangers[0], "404")])
    expect("participants", members(stage.room), [stage.ann.id, stage.bob.id, stage.cy.id])


def only_those_who_joined_are_told(stage):
    newest = next(iter(stage.room.list_messages()))
    told = [participant.identifier.raw_id for participant in newest.content.participants]
    expect("told", told, [stage.cy.id])


def a_retry_adds_who_can_be_added_by_then(stage):
    deleted = stage.person()
    stage.identity.delete_user(deleted.identifier)
    attempt = [deleted.participant()]
    for _ in range(2):
        attempt = [participant for participant, error in stage.room.add_participants(attempt)]
        expect("to retry", [participant.identifier.raw_id for participant in attempt], [deleted.id])
    dee = stage.person()
    expect("to retry", stage.room.add_participants([dee.participant()]), [])
    expect("participants", len(members(stage.room)), 4)


def a_call_in_which_all_fail_leaves_no_message(stage):
    before = next(iter(stage.room.list_messages())).id
    expect("failed", len(stage.room.add_participants(unknown(stage))), 2)
    expect("newest", next(iter(stage.room.list_messages())).id, before)


def who_is_there_already_is_no_failure(stage):
    before = members(stage.room)
    expect("failed", stage.room.add_participants([stage.bob.participant()]), [])
    expect("participants", members(stage.room), before)


converse(
    __file__,
    [
        creating_a_thread_names_who_failed,
        adding_names_who_failed,
        only_those_who_joined_are_told,
        a_retry_adds_who_can_be_added_by_then,
        a_call_in_which_all_fail_leaves_no_message,
        who_is_there_already_is_no_failure,
    ],
)
