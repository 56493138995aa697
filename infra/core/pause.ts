// A pause: for its time no cutover changes who is heard. Repairs go on. Pure: whoever asks brings the time.

/** What `natsby pause` leaves on the hosts. */
export interface Pause {
  readonly reason: string;
  /** RFC 3339; null: until `natsby resume`. */
  readonly until: string | null;
  readonly who: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Reads the record. One that cannot be read counts as a pause without an end: somebody wanted one. */
export function parsePause(text: string): Pause {
  try {
    const { reason, until, who, at } = JSON.parse(text) as Pause;
    const ends = typeof until === "string" && Number.isFinite(Date.parse(until)) ? until : null;
    if ([reason, who, at].every((one) => typeof one === "string")) return { reason, until: ends, who, at };
  } catch {
    // Falls through: how it is broken does not matter.
  }
  return { reason: "its record cannot be read", until: null, who: "somebody", at: "some time" };
}

/** Whether it holds at this time (ms since the Unix epoch). */
export const isInForce = ({ until }: Pause, now: number): boolean => until === null || Date.parse(until) > now;

/** One sentence. */
export const describePause = ({ reason, until, who }: Pause): string =>
  `paused by ${who} until ${until ?? "natsby resume"}: ${reason}`;
