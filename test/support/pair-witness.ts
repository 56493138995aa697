// One client of two upstreams, as an application that listens at both for safety: it hears each message at both, and may hear
// no moment of two publishers. Which of its two sockets is read first is chance, so only equal numbers are compared.

import { until } from "./until.ts";
import { RawSubscriber, type SubscriberAddress } from "./witness-subscriber.ts";

/** Listens at the first two upstreams. */
export class PairWitness implements Disposable {
  readonly #publishers = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #ears: readonly RawSubscriber[];
  /** Messages whose number came from another publisher, or from the same one more often than it has ears. */
  #doubled = 0;

  private constructor(addresses: readonly SubscriberAddress[]) {
    this.#ears = addresses
      .slice(0, 2)
      .map((address, ear) => new RawSubscriber(address, (subject, payload) => this.#hear(ear, subject, payload)));
  }

  /** Returns when it listens at both. */
  static async at(addresses: readonly SubscriberAddress[]): Promise<PairWitness> {
    const pair = new PairWitness(addresses);
    await until("the pair listens", () => pair.#ears.every(({ isReady }) => isReady));
    return pair;
  }

  /** How many since the call before. */
  take(): number {
    const doubled = this.#doubled;
    this.#doubled = 0;
    return doubled;
  }

  /** Numbers that neither ear heard, of those between the first and the last that one did. */
  missing(): number {
    const heard = [...this.#publishers.keys()].map((number) => number.split(" ") as [string, string]);
    const bySubject = Map.groupBy(heard, ([subject]) => subject);
    const holes = [...bySubject.values()].map((all) => {
      const numbers = all.map(([, seq]) => Number(seq));
      return Math.max(...numbers) - Math.min(...numbers) + 1 - numbers.length;
    });
    return holes.reduce((sum, count) => sum + count, 0);
  }

  [Symbol.dispose](): void {
    for (const ear of this.#ears) ear[Symbol.dispose]();
  }

  #hear(ear: number, subject: string, payload: string): void {
    const { publisher, seq } = JSON.parse(payload) as { readonly publisher: string; readonly seq: number };
    const number = `${subject} ${seq}`;
    const heardFrom = this.#publishers.get(number) ?? publisher;
    const times = (this.#counts.get(`${ear} ${number}`) ?? 0) + 1;
    if (heardFrom !== publisher || times > 1) this.#doubled++;
    this.#publishers.set(number, publisher);
    this.#counts.set(`${ear} ${number}`, times);
  }
}
