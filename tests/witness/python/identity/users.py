"""Users and their tokens: made, limited, revoked, deleted; and the callers that identity takes.

Rules of auth-identity 31, 32, 74 to 83, 86 and 88.
"""

import json
import time
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

from azure.communication.chat import CommunicationUserIdentifier
from azure.communication.identity import CommunicationIdentityClient, CommunicationTokenScope
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError

from conversation import claims, converse, identity_refuses
from witness import PATIENCE, expect, refusal

DAY = 24 * 60 * 60
# How far a lifetime may be off: the seconds that this script takes.
SLACK = 60

PERSON = "22222222-2222-2222-2222-222222222222"
APPLICATION = "33333333-3333-3333-3333-333333333333"


def entra(stage, **form):
    """A token of the emulator's own issuer."""
    body = urllib.parse.urlencode({"client_id": APPLICATION, **form}).encode()
    with urllib.request.urlopen(
        f"{stage.endpoint}/my-tenant/oauth2/v2.0/token", body, timeout=PATIENCE
    ) as answer:
        return json.load(answer)["access_token"]


def expect_lifetime(token, seconds):
    said = claims(token.token)
    expect("exp - iat", said["exp"] - said["iat"], seconds)
    end = datetime.fromisoformat(token.expires_on[:19]).replace(tzinfo=timezone.utc)
    expect("expires_on", int(end.timestamp()), said["exp"])
    expect("in time", abs(said["exp"] - time.time() - seconds) < SLACK, True)


def let_in(stage, token):
    return list(stage.chat(token).list_chat_threads()) == []


def locked_out(stage, token):
    chat = stage.chat(token)
    refusal(401, lambda: next(chat.list_chat_threads()), ClientAuthenticationError)


def users_belong_to_the_resource(stage):
    stage.user = stage.identity.create_user()
    other = stage.identity.create_user()
    expect("prefix", stage.user.raw_id.startswith("8:acs:"), True)
    expect("resource", *(user.raw_id.split("_")[0] for user in (stage.user, other)))
    expect("different", stage.user.raw_id != other.raw_id, True)


def a_user_comes_with_a_token(stage):
    user, token = stage.identity.create_user_and_token(scopes=[CommunicationTokenScope.CHAT])
    said = claims(token.token)
    expect("skypeid", f"8:{said['skypeid']}", user.raw_id)
    expect("acsScope", said["acsScope"], "chat")
    expect_lifetime(token, DAY)
    expect("let in", let_in(stage, token.token), True)


def tokens_carry_their_scopes(stage):
    for scopes in (["voip"], ["chat", "voip"], ["chat.join"], ["chat.join.limited"], ["voip.join"]):
        token = stage.identity.get_token(stage.user, scopes)
        expect("acsScope", sorted(claims(token.token)["acsScope"].split(",")), sorted(scopes))


def lifetimes_are_an_hour_to_a_day(stage):
    for hours in (1, 24):
        lifetime = timedelta(hours=hours)
        token = stage.identity.get_token(stage.user, ["chat"], token_expires_in=lifetime)
        expect_lifetime(token, hours * 60 * 60)
        _, token = stage.identity.create_user_and_token(["chat"], token_expires_in=lifetime)
        expect_lifetime(token, hours * 60 * 60)
    for minutes in (59, 1441):
        lifetime = timedelta(minutes=minutes)
        says = f"ExpiresInMinutes value {minutes} is invalid"
        for call in [
            lambda: stage.identity.get_token(stage.user, ["chat"], token_expires_in=lifetime),
            lambda: stage.identity.create_user_and_token(["chat"], token_expires_in=lifetime),
        ]:
            error = identity_refuses(400, call, "ValidationError", says)
            expect("target", error.target, "ExpiresInMinutes")


def scopes_must_be_known_ones(stage):
    for scopes in ([], ["chats"], ["chat", ""]):
        call = lambda: stage.identity.get_token(stage.user, scopes)
        identity_refuses(400, call, "ValidationError", "cope")


def revoked_tokens_are_refused(stage):
    tokens = [stage.identity.get_token(stage.user, ["chat"]).token for _ in range(2)]
    for token in tokens:
        expect("let in", let_in(stage, token), True)
    stage.identity.revoke_tokens(stage.user)
    for token in tokens:
        locked_out(stage, token)
    fresh = stage.identity.get_token(stage.user, ["chat"]).token
    expect("let in", let_in(stage, fresh), True)


def a_deleted_user_is_gone(stage):
    token = stage.identity.get_token(stage.user, ["chat"]).token
    stage.identity.delete_user(stage.user)
    locked_out(stage, token)
    call = lambda: stage.identity.get_token(stage.user, ["chat"])
    identity_refuses(404, call, "IdentityNotFound", kind=ResourceNotFoundError)
    stage.identity.delete_user(stage.user)


def what_is_no_user_is_refused(stage):
    nobody = CommunicationUserIdentifier("nobody")
    for call in [
        lambda: stage.identity.get_token(nobody, ["chat"]),
        lambda: stage.identity.revoke_tokens(nobody),
    ]:
        identity_refuses(400, call, "ValidationError")


def another_key_is_not_let_in(stage):
    key = AzureKeyCredential("c29tZSBvdGhlciBrZXk=")
    stranger = CommunicationIdentityClient(stage.address, key)
    identity_refuses(401, stranger.create_user, "Denied", kind=ClientAuthenticationError)


def an_entra_token_is_let_in(stage):
    class Application:
        def get_token(self, *scopes, **options):
            expect("scopes", scopes, ("https://communication.azure.com//.default",))
            token = entra(
                stage, grant_type="client_credentials", client_secret=stage.key, scope=scopes[0]
            )
            return AccessToken(token, int(time.time()) + 3600)

    identity = CommunicationIdentityClient(stage.address, Application())
    user, token = identity.create_user_and_token(["chat"])
    expect("let in", let_in(stage, token.token), True)


def the_token_of_a_person_of_teams_is_exchanged(stage):
    token = entra(
        stage,
        grant_type="password",
        username=PERSON,
        password=stage.key,
        scope="https://auth.msft.communication.azure.com/Teams.ManageCalls",
    )
    exchanged = stage.identity.get_token_for_teams_user(token, APPLICATION, PERSON)
    expect("skypeid", claims(exchanged.token)["skypeid"], f"orgid:{PERSON}")
    expect("acsScope", claims(exchanged.token)["acsScope"], "voip")
    for call, status, code in [
        (lambda: stage.identity.get_token_for_teams_user("", APPLICATION, PERSON), 401, "InvalidAccessToken"),
        (lambda: stage.identity.get_token_for_teams_user(token, "app", PERSON), 400, "ValidationError"),
        (lambda: stage.identity.get_token_for_teams_user(token, APPLICATION, "me"), 400, "ValidationError"),
    ]:
        identity_refuses(status, call, code)


converse(
    __file__,
    [
        users_belong_to_the_resource,
        a_user_comes_with_a_token,
        tokens_carry_their_scopes,
        lifetimes_are_an_hour_to_a_day,
        scopes_must_be_known_ones,
        revoked_tokens_are_refused,
        a_deleted_user_is_gone,
        what_is_no_user_is_refused,
        another_key_is_not_let_in,
        an_entra_token_is_let_in,
        the_token_of_a_person_of_teams_is_exchanged,
    ],
)
