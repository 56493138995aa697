// A plain subscriber at one server, as the user that may only subscribe: hands on every message as it comes, each once.

import { covers, withoutCovered } from "../core/subjects.ts";
import { connectNats, type Msg, type NatsConnection, natsProblem } from "./nats.ts";

/** Where to listen, and to what. */
export interface ListenOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly subjects: readonly string[];
  readonly timeoutMs: number;
}

/** Listens from {@link Listener.open} until it is disposed of. */
export class Listener implements AsyncDisposable {
  readonly #nats: NatsConnection;
  /** Why it stopped by itself; null while it listens. */
  lost: string | null = null;

  private constructor(nats: NatsConnection) {
    this.#nats = nats;
    void nats.closed().then((error) => {
      this.lost = error ? natsProblem(error) : "the connection was closed";
    });
  }

  /** Connects, subscribes, and returns when the server has the subscriptions. Rejects with whatever `nats` throws. */
  static async open(options: ListenOptions, hear: (message: Msg) => void): Promise<Listener> {
    const { subjects, timeoutMs, ...address } = options;
    const nats = await connectNats({ ...address, name: "natsby-verify", timeoutMs });
    const listener = new Listener(nats);
    const wanted = withoutCovered(subjects);
    for (const [index, pattern] of wanted.entries()) {
      // Two patterns that overlap deliver a message to both: the first one counts it.
      const isFirst = (subject: string) => !wanted.slice(0, index).some((earlier) => covers(earlier, subject));
      nats.subscribe(pattern, {
        callback: (error, message) => error === null && isFirst(message.subject) && hear(message),
      });
    }
    await nats.flush();
    return listener;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nats.close();
  }
}
