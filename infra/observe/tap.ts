// A subscriber of natsby's own at one server, as the user that may only subscribe: remembers what it heard and when.

import { setTimeout as sleep } from "node:timers/promises";
import { readStamp } from "../core/stamp.ts";
import { subscriptionsTo } from "../core/subjects.ts";
import type { Stamp } from "../core/topology.ts";
import { connectNats, type Msg, type NatsConnection } from "./nats.ts";

/** One message as it was heard. The clock is this process's own, never the message's. */
export interface Heard {
  readonly subject: string;
  /** Null where the message has none. */
  readonly stamp: number | null;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
}

/** What to listen to, and how stamps are read. */
export interface TapOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly subjects: readonly string[];
  readonly stamp: Stamp | null;
  readonly timeoutMs: number;
}

/** More than any cutover needs: older ones are forgotten, so that memory stays bounded. */
const keptMessages = 200_000;

/** The newest message of a subject, by its stamp. */
export interface Newest {
  readonly stamp: number;
  /** When it was heard: milliseconds of `performance.now()`. */
  readonly at: number;
}

/** Listens at one server from {@link Tap.open} until it is disposed of. */
export class Tap implements AsyncDisposable {
  readonly #nats: NatsConnection;
  readonly #stamp: Stamp | null;
  readonly #waiting = new Set<() => void>();
  /** When it began to listen: milliseconds of `performance.now()`. */
  readonly since = performance.now();
  #heard: Heard[] = [];
  #newest = new Map<string, Newest>();

  private constructor(nats: NatsConnection, stamp: Stamp | null) {
    this.#nats = nats;
    this.#stamp = stamp;
  }

  /** Connects, subscribes, and returns when the server has the subscriptions. */
  static async open({ subjects, stamp, timeoutMs, ...address }: TapOptions): Promise<Tap> {
    const nats = await connectNats({ ...address, name: "natsby-tap", timeoutMs });
    const tap = new Tap(nats, stamp);
    for (const { pattern, counts } of subscriptionsTo(subjects)) {
      nats.subscribe(pattern, {
        callback: (error, message) => error === null && counts(message.subject) && tap.#take(message),
      });
    }
    try {
      await tap.flush(timeoutMs);
    } catch (error) {
      await nats.close();
      throw error;
    }
    return tap;
  }

  /** Everything heard so far, oldest first. */
  get heard(): readonly Heard[] {
    return this.#heard;
  }

  /** The newest heard of each subject. */
  get newest(): ReadonlyMap<string, Newest> {
    return this.#newest;
  }

  /** Returns when everything that the server sent before this call has been taken in. Rejects when that is not known in time. */
  async flush(withinMs: number): Promise<void> {
    const late = new AbortController();
    const flushed = this.#nats.flush().then(() => true);
    // The library leaves a flush open for ever when the server answers no more.
    const done = await Promise.race([flushed, sleep(withinMs, false, { signal: late.signal })]);
    late.abort();
    if (!done) throw new Error(`no answer to a ping within ${withinMs / 1000} s`);
  }

  /** Waits until `holds`, looking again at every message: true when it did, false when `withinMs` ran out first. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    if (holds()) return true;
    return new Promise((resolve) => {
      const look = () => holds() && done(true);
      const done = (result: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(result);
      };
      const timer = setTimeout(() => done(false), withinMs);
      this.#waiting.add(look);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nats.close();
  }

  #take(message: Msg): void {
    const at = performance.now();
    const stamp = readStamp(this.#stamp, {
      header: (name) => message.headers?.get(name),
      payload: () => message.string(),
    });
    this.#heard.push({ subject: message.subject, stamp, at });
    if (this.#heard.length > keptMessages) this.#heard = this.#heard.slice(keptMessages / 2);
    if (stamp !== null && stamp >= (this.#newest.get(message.subject)?.stamp ?? stamp)) {
      this.#newest.set(message.subject, { stamp, at });
    }
    for (const look of this.#waiting) look();
  }
}
