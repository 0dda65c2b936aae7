"""Lists in pages: sizes, order, start times, skipping, resuming, and what comes in between.

Rules of chat 19 to 21, 31 to 33, 39, 42 to 50, 60 and 63.
"""

from datetime import timedelta

from conversation import chat_refuses, converse, ids, pages, texts
from witness import expect


def a_thread_with_twelve_messages(stage):
    stage.ann = stage.person()
    stage.room = stage.thread(stage.ann)
    stage.sent = [stage.room.send_message(f"message {n}").id for n in range(12)]


def messages_come_newest_first(stage):
    listed = pages(stage.room.list_messages(results_per_page=5))
    expect("sizes of pages", [len(page) for page in listed], [5, 5, 4])
    numbers = [int(message.sequence_id) for page in listed for message in page]
    expect("order", numbers, list(range(14, 0, -1)))
    expect("without pages", ids(stage.room.list_messages())[:12], stage.sent[::-1])


def what_is_sent_meanwhile_is_not_in_later_pages(stage):
    listing = stage.room.list_messages(results_per_page=5).by_page()
    first = ids(next(listing))
    stage.room.send_message("meanwhile")
    rest = [message.id for page in listing for message in page]
    expect("messages", (first + rest)[:12], stage.sent[::-1])
    expect("number", len(first + rest), 14)


def what_is_edited_or_deleted_meanwhile_comes_once(stage):
    listing = stage.room.list_messages(results_per_page=5).by_page()
    first = list(next(listing))
    stage.room.update_message(first[1].id, content="edited after it was read")
    stage.room.update_message(stage.sent[2], content="edited before it was read")
    stage.room.delete_message(stage.sent[3])
    rest = [message for page in listing for message in page]
    found = ids(first + rest)
    expect("number", len(found), 15)
    expect("each once", len(set(found)), 15)


def a_page_can_be_asked_for_later(stage):
    listing = stage.room.list_messages(results_per_page=5).by_page()
    next(listing)
    resumed = stage.room.list_messages(results_per_page=5).by_page(listing.continuation_token)
    expect("pages", [ids(page) for page in resumed], [ids(page) for page in listing])


def messages_from_a_time_on(stage):
    stage.pass_time(3600)
    start = stage.now()
    stage.pass_time(60)
    late = [stage.room.send_message(f"late {n}").id for n in range(3)]
    listed = pages(stage.room.list_messages(start_time=start, results_per_page=2))
    expect("pages", [ids(page) for page in listed], [late[:0:-1], late[:1]])
    later = stage.now() + timedelta(days=1)
    expect("the future", ids(stage.room.list_messages(start_time=later)), [])


def threads_come_by_their_last_activity(stage):
    stage.pass_time(60)
    stage.bob = stage.person()
    stage.rooms = []
    for number in range(7):
        stage.rooms.append(stage.thread(stage.bob, f"topic {number}"))
        stage.pass_time(60)
    stage.rooms[0].send_message("up")
    order = [stage.rooms[n].thread_id for n in (0, 6, 5, 4, 3, 2, 1)]
    listed = pages(stage.bob.chat.list_chat_threads(results_per_page=3))
    expect("pages", [ids(page) for page in listed], [order[:3], order[3:6], order[6:]])
    expect("of another user", ids(stage.ann.chat.list_chat_threads()), [stage.room.thread_id])


def threads_from_a_time_on(stage):
    start = stage.now() - timedelta(seconds=150)
    listed = ids(stage.bob.chat.list_chat_threads(start_time=start))
    expect("threads", listed, [stage.rooms[n].thread_id for n in (0, 6, 5)])


def participants_come_as_they_joined(stage):
    people = [stage.person() for _ in range(6)]
    room = stage.rooms[0]
    expect("failed", room.add_participants([p.participant() for p in people]), [])
    everybody = [stage.bob.id] + [person.id for person in people]

    def listed(**options):
        listing = room.list_participants(**options)
        return [[p.identifier.raw_id for p in page] for page in listing.by_page()]

    expect("pages", listed(results_per_page=3), [everybody[:3], everybody[3:6], everybody[6:]])
    expect("skipped", listed(results_per_page=2, skip=4), [everybody[4:6], everybody[6:]])
    expect("beyond the end", listed(skip=7), [[]])
    stage.people = people


def receipts_come_one_for_each_reader(stage):
    room = stage.rooms[0]
    message = room.send_message("read this").id
    for person in stage.people:
        person.chat.get_chat_thread_client(room.thread_id).send_read_receipt(message)

    def sizes(**options):
        return [len(page) for page in pages(room.list_read_receipts(**options))]

    expect("sizes of pages", sizes(results_per_page=4), [4, 2])
    expect("skipped", sizes(results_per_page=4, skip=1), [4, 1])
    readers = {receipt.sender.raw_id for receipt in room.list_read_receipts()}
    expect("readers", readers, {person.id for person in stage.people})


def a_newcomer_lists_what_is_shared_with_it(stage):
    newcomer = stage.person()
    stage.pass_time(60)
    now = stage.now()
    stage.pass_time(60)
    stage.room.send_message("after it was shared")
    stage.room.add_participants([newcomer.participant(share_history_time=now)])
    room = newcomer.chat.get_chat_thread_client(stage.room.thread_id)
    expect("messages", texts(room.list_messages()), [None, "after it was shared"])


def pages_have_a_size(stage):
    for size in (0, -1):
        listing = stage.room.list_messages(results_per_page=size)
        chat_refuses(400, lambda: next(listing), "BadRequest", says="maxPageSize")


converse(
    __file__,
    [
        a_thread_with_twelve_messages,
        messages_come_newest_first,
        what_is_sent_meanwhile_is_not_in_later_pages,
        what_is_edited_or_deleted_meanwhile_comes_once,
        a_page_can_be_asked_for_later,
        messages_from_a_time_on,
        threads_come_by_their_last_activity,
        threads_from_a_time_on,
        participants_come_as_they_joined,
        receipts_come_one_for_each_reader,
        a_newcomer_lists_what_is_shared_with_it,
        pages_have_a_size,
    ],
)
