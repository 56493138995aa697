// One connection of the reference publisher: sends each slot that is due, until the connection ends or the publisher is stopped.

import { headers, type NatsConnection } from "../../infra/observe/nats.ts";
import type { PublisherOptions } from "./environment.ts";
import { dueSlots, startOf, steppedBackMs } from "./slots.ts";
import { unlessStopped } from "./stopped.ts";

/** What outlives a connection. */
export interface Progress {
  /** The last slot that was sent: none is ever sent twice. */
  sent: number;
  /** Slots that will never be sent. */
  missed: number;
}

/** The dummy is asked this often whether it has everything. */
const confirmMs = 250;
/**
 * It has this long to answer; then nothing is sent until it does. So a frozen dummy holds about a second of messages at
 * most, and does not pour out minutes of them when it thaws.
 */
const stalledMs = 750;
/** The longest sleep, so that a clock that was stepped is noticed. */
const longestSleepMs = 250;

/** Sends over one connection. */
export class Session {
  readonly #nats: NatsConnection;
  readonly #options: PublisherOptions;
  readonly #progress: Progress;
  readonly #log: (line: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #confirmed: number;
  #askedAt = Number.NEGATIVE_INFINITY;
  #unanswered = false;
  #steppedBack = false;

  constructor(nats: NatsConnection, options: PublisherOptions, progress: Progress, log: (line: string) => void) {
    [this.#nats, this.#options, this.#progress, this.#log] = [nats, options, progress, log];
    this.#confirmed = progress.sent;
  }

  /** Returns when the connection ended, and why, or when `stop` asks for it. */
  async run(stop: AbortSignal): Promise<string> {
    void this.#watchErrors();
    this.#tick();
    const error = await unlessStopped(stop, this.#nats.closed());
    clearTimeout(this.#timer);
    return error instanceof Error ? error.message : "the connection was closed";
  }

  /** How many slots were sent that the server may not have taken. */
  get unconfirmed(): number {
    return this.#progress.sent - this.#confirmed;
  }

  #tick = (): void => {
    if (this.#nats.isClosed()) return;
    const now = Date.now();
    if (!this.#isStalled()) {
      this.#send(now);
      this.#confirm();
    }
    const wait = startOf(this.#progress.sent + 1, this.#options.rate) - now;
    this.#timer = setTimeout(this.#tick, Math.min(Math.max(wait, 1), longestSleepMs));
  };

  #send(now: number): void {
    const { rate, subjects, name } = this.#options;
    const { first, last, missed } = dueSlots(this.#progress.sent, now, rate);
    this.#noteClock(steppedBackMs(this.#progress.sent, now, rate));
    if (last < first) return;
    if (missed > 0) this.#noteHole(first - missed, missed);
    const at = new Date(now).toISOString();
    for (let seq = first; seq <= last; seq++) {
      const payload = JSON.stringify({ publisher: name, seq, at });
      for (const subject of subjects) this.#nats.publish(subject, payload, { headers: messageId(subject, seq) });
    }
    this.#progress.sent = last;
  }

  #isStalled(): boolean {
    return this.#unanswered && performance.now() - this.#askedAt > stalledMs;
  }

  #confirm(): void {
    if (this.#unanswered || performance.now() - this.#askedAt < confirmMs) return;
    const { sent } = this.#progress;
    [this.#askedAt, this.#unanswered] = [performance.now(), true];
    const answered = () => {
      [this.#unanswered, this.#confirmed] = [false, sent];
    };
    this.#nats.flush().then(answered, () => {});
  }

  #noteHole(from: number, missed: number): void {
    this.#progress.missed += missed;
    this.#log(`hole: ${missed} messages a subject were never sent, ${from} to ${from + missed - 1}`);
  }

  #noteClock(behindMs: number): void {
    if (behindMs > 0 && !this.#steppedBack)
      this.#log(`the clock went back ${behindMs} ms: waiting, so as to repeat nothing`);
    this.#steppedBack = behindMs > 0;
  }

  /** A server that refuses a subject says so once a message: it is logged once. */
  async #watchErrors(): Promise<void> {
    const said = new Set<string>();
    for await (const { type, data, ...more } of this.#nats.status()) {
      const line = `${data} ${"permissionContext" in more ? JSON.stringify(more.permissionContext) : ""}`;
      if (type === "error" && !said.has(line)) this.#log(`refused: ${line}`);
      said.add(line);
    }
  }
}

/** Lets a stream with a duplicate window drop what two publishers send of one moment. */
function messageId(subject: string, seq: number) {
  const found = headers();
  found.set("Nats-Msg-Id", `${subject}:${seq}`);
  return found;
}
