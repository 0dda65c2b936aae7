"""Tokens that end, and credentials that get new ones in time.

The package compares a token's end with this computer's time, which no test moves. So the first token of a refreshing
credential is one that the emulator would refuse: a call succeeds only if the credential had it replaced.

Rules of auth-identity 43 to 49, 51 to 53, 79 and 86.
"""

from datetime import timedelta
from threading import Event, Lock, Thread

from azure.communication.chat import ChatClient, CommunicationTokenCredential
from azure.core.exceptions import ClientAuthenticationError

from conversation import claims, converse, token_of_nobody
from witness import PATIENCE, expect, refusal


class Refresher:
    """Gets a new token for a user whenever it is asked."""

    def __init__(self, stage, person):
        self.stage = stage
        self.person = person
        self.calls = 0
        self.lock = Lock()
        self.called = Event()

    def __call__(self):
        with self.lock:
            self.calls += 1
        issued = self.stage.identity.get_token(self.person.identifier, ["chat"])
        # Identity gives the end as a text; the credential wants what it reads from the token.
        token = CommunicationTokenCredential(issued.token).get_token()
        expect("exp", token.expires_on, claims(issued.token)["exp"])
        self.called.set()
        return token


def number_of_threads(chat):
    return len(list(chat.list_chat_threads()))


def a_static_token_ends(stage):
    person = stage.person()
    short = stage.identity.get_token(
        person.identifier, ["chat"], token_expires_in=timedelta(minutes=60)
    )
    chat = stage.chat(short.token)
    expect("threads", number_of_threads(chat), 0)
    stage.pass_time(61 * 60)
    what, error = refusal(401, lambda: number_of_threads(chat), ClientAuthenticationError)
    expect(f"{what}: body", error.response.body(), b"")
    expect("threads, with the longer token", number_of_threads(person.chat), 0)


def a_refresher_is_asked_when_the_token_is_about_to_end(stage):
    person = stage.person()
    refresher = Refresher(stage, person)
    chat = stage.chat(token_of_nobody(seconds=60), token_refresher=refresher)
    for _ in range(3):
        expect("threads", number_of_threads(chat), 0)
    expect("calls", refresher.calls, 1)


def it_is_not_asked_while_the_token_lives(stage):
    person = stage.person()
    refresher = Refresher(stage, person)
    expect("threads", number_of_threads(stage.chat(person.token, token_refresher=refresher)), 0)
    expect("calls", refresher.calls, 0)


def many_callers_share_one_refresh(stage):
    refresher = Refresher(stage, stage.person())
    credential = CommunicationTokenCredential(token_of_nobody(seconds=-60), token_refresher=refresher)
    results = []

    def call():
        results.append(number_of_threads(ChatClient(stage.address, credential)))

    threads = [Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    expect("results", results, [0] * 8)
    expect("calls", refresher.calls, 1)


def a_token_is_refreshed_ahead_of_need(stage):
    person = stage.person()
    refresher = Refresher(stage, person)
    # The timer goes off ten minutes before the end.
    credential = CommunicationTokenCredential(
        token_of_nobody(seconds=602), token_refresher=refresher, proactive_refresh=True
    )
    with credential:
        expect("refreshed", refresher.called.wait(PATIENCE), True)
        expect("threads", number_of_threads(ChatClient(stage.address, credential)), 0)
    expect("calls", refresher.calls, 1)


def an_expired_replacement_is_an_error(stage):
    old = CommunicationTokenCredential(token_of_nobody(seconds=-60)).get_token()
    chat = stage.chat(token_of_nobody(seconds=-60), token_refresher=lambda: old)
    try:
        number_of_threads(chat)
    except ValueError as error:
        expect("error", str(error), "The token returned from the token_refresher is expired.")
    else:
        raise AssertionError("an expired token was taken")


def what_is_no_token_is_refused_before_any_request(stage):
    try:
        stage.chat("no token")
    except ValueError as error:
        expect("error", str(error), "Token is not formatted correctly")
    else:
        raise AssertionError("a text that is no token was taken")


converse(
    __file__,
    [
        a_static_token_ends,
        a_refresher_is_asked_when_the_token_is_about_to_end,
        it_is_not_asked_while_the_token_lives,
        many_callers_share_one_refresh,
        a_token_is_refreshed_ahead_of_need,
        an_expired_replacement_is_an_error,
        what_is_no_token_is_refused_before_any_request,
    ],
)
