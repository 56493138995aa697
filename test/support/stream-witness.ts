// A JetStream stream as a witness: what it stored is what a consumer would ever get, counted at each audit. It publishes nothing
// on the stack's subjects. The stream needs a base config with JetStream at every upstream: without a quorum none is made.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Topology } from "../../infra/core/topology.ts";
import { connectNats, type NatsConnection } from "../../infra/observe/nats.ts";
import { until } from "./until.ts";
import { type Tallied, Tally } from "./witness-tally.ts";

const user = { user: "stream-witness", password: "of a test" } as const;
const stream = "WITNESS";
const requestMs = 3_000;

/** Where upstreams keep their streams, and the change of their base config that lets them. */
export class StreamStore implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "natsby-streams-"));

  /** For upstreams only: a dummy's config stays as it is. */
  readonly base = (text: string): string => {
    const name = /^server_name: "(server\d+)"$/m.exec(text)?.[1];
    if (name === undefined) return text;
    const login = `{ user: "${user.user}", password: "${user.password}" },`;
    const jetStream = `jetstream { store_dir: "${this.#folder}/${name}", max_memory_store: 64M, max_file_store: 256M }\n`;
    return `${text.replace("  APP: {\n    users: [\n", (start) => `  APP: {\n    jetstream: enabled\n${start.slice(9)}      ${login}\n`)}${jetStream}`;
  };

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One stream of all the stack's subjects. */
export class StreamWitness {
  readonly #topology: Topology;
  readonly #tally = new Tally(0);
  #next = 1;

  private constructor(topology: Topology) {
    this.#topology = topology;
  }

  /** Returns when the stream stores. */
  static async at(topology: Topology): Promise<StreamWitness> {
    const witness = new StreamWitness(topology);
    const config = { name: stream, subjects: topology.subjects, storage: "file", num_replicas: 1, max_msgs: 1_000_000 };
    // Nobody may be taken for a double of himself: the shortest window there is.
    const body = { ...config, duplicate_window: 100_000_000 };
    await until(
      "a stream is there",
      () => witness.#asking((nats) => ask(nats, `STREAM.CREATE.${stream}`, body)),
      30_000,
    );
    return witness;
  }

  /** What it stored since the call before; it waits for an upstream that was restarted to offer it again. */
  take(): Promise<Tallied> {
    return until("the stream is read", () => this.#asking((nats) => this.#read(nats)), 30_000);
  }

  async #read(nats: NatsConnection): Promise<Tallied> {
    // A new one each time: the consumer of the call before lives on for a while, and goes on delivering to its own.
    const inbox = `_INBOX.${randomUUID()}`;
    const config = { deliver_subject: inbox, ack_policy: "none", deliver_policy: "by_start_sequence" };
    const messages = nats.subscribe(inbox, { timeout: requestMs });
    const { num_pending: pending } = await ask(nats, `CONSUMER.CREATE.${stream}`, {
      stream_name: stream,
      config: { ...config, opt_start_seq: this.#next },
    });
    let left = Number(pending);
    if (left > 0) {
      for await (const message of messages) {
        const { publisher = "unnamed", seq } = message.json<{ publisher?: string; seq: number }>();
        const [, , , , , at = "0"] = (message.reply ?? "").split(".");
        this.#next = Number(at) + 1;
        this.#tally.add({ publisher, subject: message.subject, stamp: seq }, 0);
        if (--left === 0) break;
      }
    }
    return this.#tally.take(0);
  }

  async #asking<T>(work: (nats: NatsConnection) => Promise<T>): Promise<T> {
    const [first] = this.#topology.upstreams;
    const url = `nats://${first?.address}:${first?.clientPort}`;
    const nats = await connectNats({ url, ...user, name: "stream witness", timeoutMs: requestMs });
    try {
      return await work(nats);
    } finally {
      await nats.close();
    }
  }
}

async function ask(nats: NatsConnection, what: string, body: unknown): Promise<Record<string, unknown>> {
  const reply = await nats.request(`$JS.API.${what}`, JSON.stringify(body), { timeout: requestMs });
  const answer = reply.json<Record<string, unknown> & { error?: { description: string } }>();
  if (answer.error !== undefined) throw new Error(answer.error.description);
  return answer;
}
