// A queue group spread over all upstreams: two links anywhere in the mesh are two heard by it, whichever member hears them.

import { until } from "./until.ts";
import { RawSubscriber, type SubscriberAddress } from "./witness-subscriber.ts";

/** One member at every upstream. All publishers give one moment the same number, so a number heard twice is doubled. */
export class QueueWitness implements Disposable {
  readonly #seen = new Set<string>();
  readonly #members: readonly RawSubscriber[];
  /** Messages whose number the group heard before. */
  #doubled = 0;

  private constructor(addresses: readonly SubscriberAddress[]) {
    this.#members = addresses.map(
      (address) =>
        new RawSubscriber({ ...address, queue: "witnesses" }, (subject, payload) => this.#hear(subject, payload)),
    );
  }

  /** Returns when a member listens at every upstream. */
  static async at(addresses: readonly SubscriberAddress[]): Promise<QueueWitness> {
    const group = new QueueWitness(addresses);
    await until("the group listens everywhere", () => group.#members.every(({ isReady }) => isReady));
    return group;
  }

  /** How many since the call before. */
  take(): number {
    const doubled = this.#doubled;
    this.#doubled = 0;
    return doubled;
  }

  [Symbol.dispose](): void {
    for (const member of this.#members) member[Symbol.dispose]();
  }

  #hear(subject: string, payload: string): void {
    const { seq } = JSON.parse(payload) as { readonly seq: number };
    const number = `${subject} ${seq}`;
    if (this.#seen.has(number)) this.#doubled++;
    this.#seen.add(number);
  }
}
