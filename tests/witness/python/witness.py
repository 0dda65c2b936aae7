"""What all scripts share: an emulator of their own, the official clients, and steps that say what failed.

A script is a list of steps, functions that take the stage. Its name and the number of its steps are printed when all
hold; otherwise the step that does not, with what was expected and what came.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request
from collections import deque
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from azure.communication.jobrouter import JobRouterAdministrationClient, JobRouterClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

# How long something may take that the emulator does by itself, in seconds.
PATIENCE = 10


class Mismatch(Exception):
    """Something is not as expected."""


def expect(what, actual, expected):
    """Fails the step unless both are equal."""
    if actual != expected:
        raise Mismatch(f"{what}: expected {expected!r}, got {actual!r}")


def expect_members(what, model, **expected):
    """Fails the step unless each named member of a model has the expected value."""
    for name, value in expected.items():
        expect(f"{what}.{name}", getattr(model, name), value)


def refused(status, call, kind=HttpResponseError, code=None, says=None):
    """Makes a call that must be refused, and gives the error's body as the service forms it."""
    return refused_body(*refusal(status, call, kind), status, code, says)


async def refused_async(status, call, kind=HttpResponseError, code=None, says=None):
    """What `refused` does, for a call of an async client."""
    return refused_body(*await refusal_async(status, call, kind), status, code, says)


def refused_body(what, error, status, code, says):
    # Only the gateway, which refuses signatures, has another envelope.
    body = error.response.json()["error" if status == 401 else "communicationError"]
    if code is not None:
        expect(f"{what}: error code", body["code"], code)
    if says is not None and says not in json.dumps(body):
        raise Mismatch(f"{what}: expected the error to say {says!r}, got {body!r}") from error
    return body


def refusal(status, call, kind=HttpResponseError):
    """Makes a call that must be refused: which call it was, and the error."""
    try:
        answer = call()
    except HttpResponseError as error:
        return expected_error(status, call, kind, error)
    raise not_refused(status, call, answer)


async def refusal_async(status, call, kind=HttpResponseError):
    """What `refusal` does, for a call of an async client."""
    try:
        answer = await call()
    except HttpResponseError as error:
        return expected_error(status, call, kind, error)
    raise not_refused(status, call, answer)


def expected_error(status, call, kind, error):
    what = line_of(call)
    expect(f"{what}: status", error.status_code, status)
    if not isinstance(error, kind):
        raise Mismatch(f"{what}: expected {kind.__name__}, got {type(error).__name__}") from error
    return what, error


def not_refused(status, call, answer):
    return Mismatch(f"{line_of(call)}: expected status {status}, got {answer!r}")


def line_of(call):
    return f"the call in line {call.__code__.co_firstlineno}"


def eventually(what, probe, expected):
    """Waits until a probe gives the expected value."""
    end = time.monotonic() + PATIENCE
    while True:
        actual = probe()
        if actual == expected or time.monotonic() > end:
            expect(what, actual, expected)
            return
        time.sleep(0.02)


class Listener:
    """A server on this machine for what the emulator calls: its webhook, and the rules that others evaluate."""

    def __init__(self):
        self.events = deque()
        self.arrived = threading.Condition()
        # Path to a function of headers and body that gives the answer.
        self.answers = {}
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                answer = listener.answer(self.path, self.headers, body)
                self.send_response(200 if answer is not None else 404)
                text = json.dumps(answer).encode()
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path, headers, body):
        path = path.split("?")[0]
        if path == "/events":
            events = json.loads(body)
            if headers["aeg-event-type"] == "SubscriptionValidation":
                return {"validationResponse": events[0]["data"]["validationCode"]}
            with self.arrived:
                self.events.append((dict(headers), events))
                self.arrived.notify_all()
            return {}
        answer = self.answers.get(path)
        return answer and answer(headers, body.decode())

    def next_event(self, fits):
        """The first event that fits, waited for; it and all before it are taken out."""
        end = time.monotonic() + PATIENCE
        with self.arrived:
            while True:
                while self.events:
                    headers, body = self.events.popleft()
                    if fits(body[0]):
                        return headers, body
                if not self.arrived.wait(end - time.monotonic()):
                    return None


class Emulator:
    """A running emulator, its clock and its events."""

    def __init__(self):
        self.listener = Listener()
        command = [os.environ["ACS_EMULATOR"], "--port", "0"]
        command += ["--webhook", f"{self.listener.address}/events"]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        plain = self.ready_line("ACS_CONNECTION_STRING")
        self.connection_string = self.ready_line("ACS_CONNECTION_STRING_TLS")
        self.endpoint, self.key = plain.removeprefix("endpoint=").split("/;accesskey=")

    def ready_line(self, name):
        line = self.process.stdout.readline().strip()
        if not line.startswith(f"{name}="):
            raise Mismatch(f"ready line: expected {name}=..., got {line!r}")
        return line.removeprefix(f"{name}=")

    async def close(self):
        """What a stage with async clients does at the end."""

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.seek(0)
        return self.log.read()

    def clock(self, action="", **body):
        """Reads the routing clock, or moves it."""
        request = urllib.request.Request(f"{self.endpoint}/_emulator/clock{action}", method="GET")
        if action:
            request.method = "POST"
            request.data = json.dumps(body).encode()
            request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def pass_time(self, seconds):
        self.clock("/step", seconds=seconds)

    def now(self):
        """The routing time, to the second."""
        return datetime.fromisoformat(self.clock()["now"][:19]).replace(tzinfo=timezone.utc)

    def event(self, kind, subject):
        """The next event of a kind whose subject begins so: its data. Earlier events are passed over."""
        kind = f"Microsoft.Communication.{kind}"
        found = self.listener.next_event(
            lambda event: event["eventType"] == kind and event["subject"].startswith(subject)
        )
        if found is None:
            raise Mismatch(f"events: expected {kind} about {subject}, got none in {PATIENCE} s")
        return found[1][0]["data"]


class Stage(Emulator):
    """An emulator and the clients of its Job Router."""

    def __init__(self):
        super().__init__()
        if os.environ["ACS_WITNESS_TLS"] == "1":
            self.router = JobRouterClient.from_connection_string(self.connection_string)
            self.admin = JobRouterAdministrationClient.from_connection_string(self.connection_string)
        else:
            # from_connection_string would turn to https (R134), and a slash at the end of the endpoint would break the
            # signature (R135).
            self.router = JobRouterClient(self.endpoint, AzureKeyCredential(self.key))
            self.admin = JobRouterAdministrationClient(self.endpoint, AzureKeyCredential(self.key))

    def queue(self, queue_id, policy_id="policy", **options):
        """A queue whose policy exists already."""
        return self.admin.upsert_queue(queue_id, distribution_policy_id=policy_id, **options)

    def job(self, job_id, queue_id="queue", **options):
        """A job for a queue in the channel `voice`."""
        return self.router.upsert_job(job_id, channel_id="voice", queue_id=queue_id, **options)

    def offers(self, worker_id):
        """The jobs offered to a worker, in the order of their ids."""
        return sorted(offer.job_id for offer in self.router.get_worker(worker_id).offers)

    def accept(self, worker_id, job_id):
        """Lets a worker accept its offer for a job: the id of the assignment."""
        offers = self.router.get_worker(worker_id).offers
        offer = [offer.offer_id for offer in offers if offer.job_id == job_id]
        expect(f"offers of {job_id} to {worker_id}", len(offer), 1)
        return self.router.accept_job_offer(worker_id, offer[0]).assignment_id

    def finish(self, job_id, assignment_id):
        self.router.complete_job(job_id, assignment_id)
        self.router.close_job(job_id, assignment_id)


async def perform(steps, stage):
    """Carries out steps in order, which may be coroutines: what is wrong with the first that fails."""
    try:
        for number, step in enumerate(steps, start=1):
            outcome = step(stage)
            if asyncio.iscoroutine(outcome):
                await outcome
        return None
    except Exception as error:
        if not isinstance(error, Mismatch):
            traceback.print_exc()
            error = f"{type(error).__name__}: {error}"
        sentence = step.__name__.replace("_", " ")
        return f"step {number} ({sentence}): {error}"
    finally:
        await stage.close()


def play(path, steps, on=Stage):
    """Carries out the steps of a script, and ends the process with what came of it."""
    name = f"{Path(path).parent.name}/{Path(path).stem}"
    stage = on()
    problem = asyncio.run(perform(steps, stage))
    log = stage.stop()
    if problem is not None:
        print(f"what the emulator logged:\n{log}", file=sys.stderr)
        print(f"FAILED {name}, {problem}")
        sys.exit(1)
    print(f"ok     {name}: {len(steps)} steps")
