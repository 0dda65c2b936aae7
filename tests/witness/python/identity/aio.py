"""The package's async client: users and tokens, many at a time, and what it makes of refusals.

Rules of auth-identity 31, 74 to 79, 83 and 86.
"""

import asyncio
from datetime import timedelta

from azure.communication.chat import CommunicationUserIdentifier
from azure.communication.identity.aio import CommunicationIdentityClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError

from conversation import AsyncConversation, claims, converse, error_of_identity
from witness import expect, refusal_async


async def users_made_at_a_time_are_different(stage):
    users = await asyncio.gather(*[stage.identity.create_user() for _ in range(16)])
    ids = {user.raw_id for user in users}
    expect("users", len(ids), 16)
    expect("resources", len({raw_id.split("_")[0] for raw_id in ids}), 1)
    stage.user = users[0]


async def tokens_carry_scopes_and_lifetimes(stage):
    user, token = await stage.identity.create_user_and_token(["chat", "voip"])
    expect("skypeid", f"8:{claims(token.token)['skypeid']}", user.raw_id)
    expect("scopes", sorted(claims(token.token)["acsScope"].split(",")), ["chat", "voip"])
    token = await stage.identity.get_token(
        stage.user, ["chat.join"], token_expires_in=timedelta(hours=2)
    )
    said = claims(token.token)
    expect("scope", said["acsScope"], "chat.join")
    expect("exp - iat", said["exp"] - said["iat"], 2 * 60 * 60)


async def lifetimes_and_scopes_are_checked(stage):
    minutes = timedelta(minutes=59)
    says = "ExpiresInMinutes value 59 is invalid"
    for call, says in [
        (lambda: stage.identity.get_token(stage.user, ["chat"], token_expires_in=minutes), says),
        (lambda: stage.identity.create_user_and_token(["chat"], token_expires_in=minutes), says),
        (lambda: stage.identity.get_token(stage.user, ["chats"]), "cope"),
    ]:
        error_of_identity(*await refusal_async(400, call), "ValidationError", says)


async def a_revoked_token_is_refused(stage):
    token = await stage.identity.get_token(stage.user, ["chat"])
    async with stage.chat(token.token) as chat:
        expect("threads", [thread async for thread in chat.list_chat_threads()], [])
        await stage.identity.revoke_tokens(stage.user)
        await refusal_async(
            401, lambda: anext_of(chat.list_chat_threads()), ClientAuthenticationError
        )


async def anext_of(listing):
    return await listing.__anext__()


async def a_deleted_user_is_gone(stage):
    await stage.identity.delete_user(stage.user)
    call = lambda: stage.identity.get_token(stage.user, ["chat"])
    refused = await refusal_async(404, call, ResourceNotFoundError)
    error_of_identity(*refused, "IdentityNotFound")
    nobody = CommunicationUserIdentifier("nobody")
    call = lambda: stage.identity.revoke_tokens(nobody)
    error_of_identity(*await refusal_async(400, call), "ValidationError")


async def a_token_that_entra_did_not_issue_is_not_exchanged(stage):
    person = "22222222-2222-2222-2222-222222222222"
    call = lambda: stage.identity.get_token_for_teams_user("no token", person, person)
    refused = await refusal_async(401, call, ClientAuthenticationError)
    error_of_identity(*refused, "InvalidAccessToken")


async def another_key_is_not_let_in(stage):
    key = AzureKeyCredential("c29tZSBvdGhlciBrZXk=")
    async with CommunicationIdentityClient(stage.address, key) as stranger:
        refused = await refusal_async(401, stranger.create_user, ClientAuthenticationError)
        error_of_identity(*refused, "Denied")


converse(
    __file__,
    [
        users_made_at_a_time_are_different,
        tokens_carry_scopes_and_lifetimes,
        lifetimes_and_scopes_are_checked,
        a_revoked_token_is_refused,
        a_deleted_user_is_gone,
        a_token_that_entra_did_not_issue_is_not_exchanged,
        another_key_is_not_let_in,
    ],
    on=AsyncConversation,
)
