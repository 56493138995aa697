// A plain subscriber at one server, as the user that may only subscribe: hands on every message as it comes, each once.

import { subscriptionsTo } from "../core/subjects.ts";
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
    for (const { pattern, counts } of subscriptionsTo(subjects)) {
      nats.subscribe(pattern, {
        callback: (error, message) => error === null && counts(message.subject) && hear(message),
      });
    }
    await nats.flush();
    return listener;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nats.close();
  }
}
