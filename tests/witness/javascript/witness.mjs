// What all scripts share: an emulator of their own, the official clients, and steps that say what failed.
//
// A script is a list of steps, functions that take the stage. Its name and the number of its steps are printed when all
// hold; otherwise the step that does not, with what was expected and what came.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { ChatClient } from "@azure/communication-chat";
import { AzureCommunicationTokenCredential } from "@azure/communication-common";
import { CommunicationIdentityClient } from "@azure/communication-identity";

// How long something may take that others do by themselves, in milliseconds.
export const PATIENCE = 10_000;

// Where all Entra tokens come from.
export const TENANT = "11111111-1111-1111-1111-111111111111";

export const DAY = 24 * 60 * 60 * 1000;

// A user, one of its tokens, and the client that presents it.
class Person {
  constructor(stage, { user, token }) {
    this.user = user;
    this.id = user.communicationUserId;
    this.token = token;
    this.chat = stage.chat(token);
  }
}

// A running emulator, its clock and its events, and the official clients, all over https.
export class Stage {
  static async start() {
    const stage = new Stage();
    stage.events = [];
    stage.listener = createServer(async (request, response) => {
      const events = JSON.parse(Buffer.concat(await request.toArray()));
      if (request.headers["aeg-event-type"] === "SubscriptionValidation") {
        response.end(JSON.stringify({ validationResponse: events[0].data.validationCode }));
        return;
      }
      stage.events.push(...events);
      stage.listener.emit("arrived");
      response.end();
    });
    await once(stage.listener.listen(0, "127.0.0.1"), "listening");
    const webhook = `http://127.0.0.1:${stage.listener.address().port}/events`;
    const options = { stdio: ["ignore", "pipe", "pipe"] };
    stage.process = spawn(process.env.ACS_EMULATOR, ["--port", "0", "--webhook", webhook], options);
    stage.log = "";
    stage.process.stderr.on("data", (text) => (stage.log += text));
    const lines = createInterface({ input: stage.process.stdout })[Symbol.asyncIterator]();
    const plain = await readyLine(lines, "ACS_CONNECTION_STRING");
    stage.connectionString = await readyLine(lines, "ACS_CONNECTION_STRING_TLS");
    [, stage.endpoint, stage.key] = /^endpoint=(.*)\/;accesskey=(.*)$/.exec(plain);
    stage.address = stage.endpoint.replace("http:", "https:");
    stage.identity = new CommunicationIdentityClient(stage.connectionString);
    return stage;
  }

  async stop() {
    const ended = once(this.process, "exit");
    this.process.kill();
    await ended;
    this.listener.close();
    this.listener.closeAllConnections();
  }

  // A client that presents a token, or what a credential is made of.
  chat(token) {
    return new ChatClient(this.address, new AzureCommunicationTokenCredential(token));
  }

  // A new user with a token for the given scopes, or for `chat`.
  async person(...scopes) {
    return new Person(this, await this.identity.createUserAndToken(scopes.length ? scopes : ["chat"]));
  }

  // A new thread: the client of its creator.
  async thread(person, topic = "topic", options = {}) {
    const created = await person.chat.createChatThread({ topic }, options);
    assert.equal(created.invalidParticipants, undefined);
    return person.chat.getChatThreadClient(created.chatThread.id);
  }

  // The token of an application, by the emulator's own issuer.
  async entraOfApplication(clientId, scope) {
    const form = { grant_type: "client_credentials", client_secret: this.key };
    return this.#entra({ ...form, client_id: clientId, scope });
  }

  // The token that a person got through an application.
  async entraOfPerson(username, clientId, scope) {
    const form = { grant_type: "password", username, password: this.key };
    return this.#entra({ ...form, client_id: clientId, scope });
  }

  async #entra(form) {
    const url = `${this.endpoint}/${TENANT}/oauth2/v2.0/token`;
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
    assert.equal(answer.status, 200);
    return (await answer.json()).access_token;
  }

  // Reads the emulator's clock, or moves it.
  async clock(action = "", body = undefined) {
    const request = body && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    const answer = await fetch(`${this.endpoint}/_emulator/clock${action}`, request);
    assert.equal(answer.status, 200);
    return answer.json();
  }

  async passTime(seconds) {
    await this.clock("/step", { seconds });
  }

  // The emulator's time, to the second.
  async now() {
    const { now } = await this.clock();
    return new Date(Math.floor(Date.parse(now) / 1000) * 1000);
  }

  // The next event of a kind whose subject begins so: its data. Earlier events are passed over.
  async event(kind, subject) {
    const deadline = AbortSignal.timeout(PATIENCE);
    for (;;) {
      while (this.events.length) {
        const event = this.events.shift();
        if (event.eventType === `Microsoft.Communication.${kind}` && event.subject.startsWith(subject)) {
          return event.data;
        }
      }
      await once(this.listener, "arrived", { signal: deadline });
    }
  }
}

async function readyLine(lines, name) {
  const { value = "" } = await lines.next();
  assert.ok(value.startsWith(`${name}=`), `expected the ready line ${name}, got "${value}"`);
  return value.slice(name.length + 1);
}

// What a token says of itself.
export function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

// A token that lives so long and that no service accepts: whoever sends it gets a 401.
export function tokenOfNobody(seconds) {
  const parts = [{ alg: "none" }, { exp: Math.floor(Date.now() / 1000) + seconds }, "unsigned"];
  return parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}

// The items of a list that comes piece by piece.
export async function all(list) {
  const items = [];
  for await (const item of list) {
    items.push(item);
  }
  return items;
}

export function ids(items) {
  return items.map((item) => item.id);
}

// The error of a call that must be refused.
export async function refused(status, call) {
  const error = await call().then(
    () => assert.fail(`expected status ${status}, got an answer`),
    (error) => error,
  );
  assert.equal(error.statusCode, status, `${error}`);
  return error;
}

// A call that chat must refuse, in the form that it has on the wire. The package looks for `error`, which the service
// does not send (rules 71 and 72 of chat), so the body is read here.
export async function chatRefuses(status, call, code, says = "") {
  const error = await refused(status, call);
  const body = JSON.parse(error.response.bodyAsText).CommunicationError;
  assert.equal(body.Code, code);
  assert.deepEqual(body.Details, []);
  assert.ok(body.Message.includes(says), `expected the error to say "${says}", got "${body.Message}"`);
}

// A call that identity must refuse: what the package makes of the error.
export async function identityRefuses(status, call, code, says = "") {
  const error = await refused(status, call);
  assert.equal(error.code, code);
  assert.ok(error.message.includes(says), `expected the error to say "${says}", got "${error.message}"`);
  return error;
}

// Carries out the steps of a script in order, and ends the process with what came of it.
export async function play(url, steps) {
  const path = fileURLToPath(url);
  const name = `${basename(dirname(path))}/${basename(path, ".mjs")}`;
  const stage = await Stage.start();
  let problem;
  for (const [number, step] of steps.entries()) {
    try {
      await step(stage);
    } catch (error) {
      const sentence = step.name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      problem = `FAILED ${name}, step ${number + 1} (${sentence}): ${error.message}`;
      console.error(error);
      break;
    }
  }
  await stage.stop();
  if (problem) {
    console.error(`what the emulator logged:\n${stage.log}`);
    console.log(problem);
    process.exitCode = 1;
  } else {
    console.log(`ok     ${name}: ${steps.length} steps`);
  }
}
