"""The stage of scripts about chat and identity: an emulator, users of it, and their chats, all over https."""

import base64
import json
import time

import azure.communication.chat.aio as chat_aio
import azure.communication.identity.aio as identity_aio
from azure.communication.chat import ChatClient, ChatParticipant, CommunicationTokenCredential
from azure.communication.identity import CommunicationIdentityClient
from azure.core.exceptions import HttpResponseError

from witness import Emulator, Mismatch, expect, play, refusal


class Person:
    """A user, one of its tokens, and the client that presents it."""

    def __init__(self, identifier, token, chat):
        self.identifier = identifier
        self.id = identifier.raw_id
        self.token = token
        self.chat = chat

    def participant(self, **options):
        return ChatParticipant(identifier=self.identifier, **options)


class Conversation(Emulator):
    """An emulator with the official clients of identity and chat."""

    def __init__(self):
        super().__init__()
        self.identity = CommunicationIdentityClient.from_connection_string(self.connection_string)
        self.address = self.endpoint.replace("http:", "https:")

    def person(self, *scopes):
        """A new user with a token for the given scopes, or for `chat`."""
        user, token = self.identity.create_user_and_token(list(scopes) or ["chat"])
        return Person(user, token.token, self.chat(token.token))

    def chat(self, token, **options):
        """A client that presents a token, which is refreshed if the options say how."""
        return ChatClient(self.address, CommunicationTokenCredential(token, **options))

    def thread(self, person, topic="topic", **options):
        """A new thread: the client of its creator."""
        created = person.chat.create_chat_thread(topic, **options)
        expect("errors", created.errors, [])
        return person.chat.get_chat_thread_client(created.chat_thread.id)


class AsyncConversation(Emulator):
    """An emulator with the async clients of identity and chat."""

    def __init__(self):
        super().__init__()
        self.identity = identity_aio.CommunicationIdentityClient.from_connection_string(self.connection_string)
        self.address = self.endpoint.replace("http:", "https:")
        self.clients = [self.identity]

    async def close(self):
        for client in self.clients:
            await client.close()

    async def person(self):
        """A new user with a token for `chat`."""
        user, token = await self.identity.create_user_and_token(["chat"])
        return Person(user, token.token, self.chat(token.token))

    def chat(self, token, **options):
        """A client that presents a token, which is refreshed if the options say how."""
        credential = chat_aio.CommunicationTokenCredential(token, **options)
        return self.closed_later(chat_aio.ChatClient(self.address, credential))

    def thread_of(self, person, thread_id):
        """What a person sees a thread through."""
        return self.closed_later(person.chat.get_chat_thread_client(thread_id))

    def closed_later(self, client):
        """Each client has connections of its own, those for threads too."""
        self.clients.append(client)
        return client


def claims(token):
    """What a token says of itself."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def token_of_nobody(seconds):
    """A token that lives so long and that no service accepts: whoever sends it gets a 401."""
    parts = [{"alg": "none"}, {"exp": int(time.time() + seconds)}, "unsigned"]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)


def texts(messages):
    """What messages say; None for those that the service writes."""
    return [message.content.message for message in messages]


def ids(items):
    return [item.id for item in items]


def pages(listing):
    return [list(page) for page in listing.by_page()]


def chat_refuses(status, call, code, says="", kind=HttpResponseError):
    """Makes a call that chat must refuse, in the form that it has on the wire."""
    error_of_chat(*refusal(status, call, kind), code, says)


def error_of_chat(what, error, code, says=""):
    body = json.loads(error.response.body())["CommunicationError"]
    expect(f"{what}: error code", body["Code"], code)
    expect(f"{what}: details", body["Details"], [])
    if says not in body["Message"]:
        raise Mismatch(f"{what}: expected the error to say {says!r}, got {body!r}") from error


def identity_refuses(status, call, code, says="", kind=HttpResponseError):
    """Makes a call that identity must refuse: what the package makes of the error."""
    return error_of_identity(*refusal(status, call, kind), code, says)


def error_of_identity(what, error, code, says=""):
    expect(f"{what}: error code", error.error.code, code)
    if says not in error.error.message:
        raise Mismatch(f"{what}: expected the error to say {says!r}, got {error.error.message!r}") from error
    return error.error


def converse(path, steps, on=Conversation):
    """Carries out the steps of a script about chat or identity."""
    play(path, steps, on)
