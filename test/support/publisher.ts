// A publisher's process against a real server: the server with a publisher's user and a listener's, and what is heard there.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connectNats, type NatsConnection } from "../../infra/observe/nats.ts";
import type { NatsServer } from "./nats-server.ts";
import { startNatsServer } from "./nats-server.ts";

/** One message as it was heard. */
export interface HeardMessage {
  readonly subject: string;
  readonly seq: number;
  readonly id: string | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Milliseconds of this process's wall clock. */
  readonly at: number;
}

/** A server whose `publisher0` may publish `allow` and nothing else, as natsby renders a dummy's users. */
export function startPublishersServer(allow: readonly string[], port?: number): Promise<NatsServer> {
  const permissions = `{publish: {allow: ${JSON.stringify(allow)}}, subscribe: {deny: ">"}}`;
  const users = `{user: publisher0, password: secret, permissions: ${permissions}}, {user: listener, password: secret}`;
  const ports = port === undefined ? {} : { client: port };
  return startNatsServer({ name: "dummy-nats0", ports, config: () => `authorization {users: [${users}]}\n` });
}

/** Listens to everything at a server. */
export class Listener implements AsyncDisposable {
  readonly heard: HeardMessage[] = [];
  readonly #nats: NatsConnection;

  private constructor(nats: NatsConnection) {
    this.#nats = nats;
  }

  static async at(server: NatsServer): Promise<Listener> {
    const nats = await connectNats({
      ...{ url: server.clientUrl, user: "listener", password: "secret", name: "test", timeoutMs: 2_000 },
    });
    const listener = new Listener(nats);
    nats.subscribe(">", {
      callback: (_, message) => {
        const payload = message.json<Record<string, unknown>>();
        const id = message.headers?.get("Nats-Msg-Id");
        listener.heard.push({ subject: message.subject, id, payload, seq: payload.seq as number, at: Date.now() });
      },
    });
    await nats.flush();
    return listener;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nats.close();
  }
}

/** A publisher's process, killed when the test's scope ends. */
export class PublisherProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #output = "";

  constructor(
    server: NatsServer,
    argv: readonly [string, ...string[]],
    environment: Readonly<Record<string, string>> = {},
  ) {
    const [program, ...args] = argv;
    const login = { NATS_URL: server.clientUrl, NATS_USER: "publisher0", NATS_PASSWORD: "secret" };
    this.#process = spawn(program, args, { env: { ...process.env, ...login, ...environment }, stdio: "pipe" });
    this.#ended = once(this.#process, "exit");
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
  }

  /** Everything it wrote. */
  get output(): string {
    return this.#output;
  }

  /** Asks it to end; gives its exit code and how long it took. */
  async stop(): Promise<{ code: unknown; ms: number }> {
    const asked = performance.now();
    this.#process.kill("SIGTERM");
    const [code] = await this.#ended;
    return { code, ms: performance.now() - asked };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGKILL");
    await this.#ended;
  }
}

/** Numbers that came again or went back, and how many between the first and the last did not come. */
export function countSequence(seqs: readonly number[]): { readonly repeated: number; readonly missing: number } {
  const repeated = seqs.filter((seq, index) => index > 0 && seq <= (seqs[index - 1] ?? 0)).length;
  const span = (seqs.at(-1) ?? 0) - (seqs[0] ?? 0) + (seqs.length > 0 ? 1 : 0);
  return { repeated, missing: span - new Set(seqs).size };
}
