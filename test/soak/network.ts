// The model's network: which of the machines hear each other. Everything it says of servers is a matter of names.

import { operator } from "../support/machines.ts";

/** One part of it that is cut. */
export interface Cut {
  readonly one: string;
  readonly other: string;
  /** `one way`: what the first sends to the other is lost, not what comes from there. */
  readonly how: "both ways" | "one way";
}

/** What is cut off from what. */
export class Network {
  readonly cuts: Cut[] = [];

  get isWhole(): boolean {
    return this.cuts.length === 0;
  }

  /** Whether natsby gets no answer from there. */
  hides(name: string): boolean {
    return this.cuts.some(({ one, other }) => one === operator && other === name);
  }

  /** Whether this server is cut off from one of those. */
  parts(name: string, servers: readonly string[]): boolean {
    return this.cuts.some(({ one, other }) =>
      [
        [one, other],
        [other, one],
      ].some(([from, to]) => from === name && servers.includes(to ?? "")),
    );
  }
}
