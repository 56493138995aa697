// Counts what one subscriber heard, publisher by publisher: heard, doubled, missing, longest silence. Pure; the clock is the caller's.

/** One message as it arrived. */
export interface HeardMessage {
  readonly subject: string;
  /** Who sent it; null where the message does not say. */
  readonly publisher: string | null;
  /** Null where it has none that can be compared. */
  readonly stamp: number | null;
  /** Milliseconds on any clock that never goes back. */
  readonly at: number;
}

/** What was heard of one publisher. */
export interface Count {
  readonly heard: number;
  /** Messages that were not newer than one heard before on their subject. Null where there were no stamps. */
  readonly doubled: number | null;
  /** Numbers left out before a message of this publisher. Null where numbers need not follow one another. */
  readonly missing: number | null;
  readonly longestSilenceMs: number;
  /** When its first and last message came; null when none did. */
  readonly span: { readonly first: number; readonly last: number } | null;
}

interface Entry {
  heard: number;
  stamped: number;
  doubled: number;
  missing: number;
  longest: number;
  first: number;
  last: number;
}

/** Grows by one entry a publisher and one number a subject, however long it listens. */
export class Tally {
  readonly #since: number;
  readonly #dense: boolean;
  readonly #newest = new Map<string, number>();
  readonly #entries = new Map<string | null, Entry>();

  /** `dense`: each stamp is the one before plus one, as the reference publisher's, so that holes can be counted. */
  constructor(since: number, dense: boolean) {
    [this.#since, this.#dense] = [since, dense];
  }

  /** Takes one message in. */
  hear({ subject, publisher, stamp, at }: HeardMessage): void {
    const entry = this.#entryOf(publisher, at);
    entry.heard++;
    entry.longest = Math.max(entry.longest, at - entry.last);
    entry.last = at;
    if (stamp === null) return;
    entry.stamped++;
    const newest = this.#newest.get(subject);
    if (newest !== undefined && stamp <= newest) entry.doubled++;
    else this.#newest.set(subject, stamp);
    if (newest !== undefined && stamp > newest) entry.missing += stamp - newest - 1;
  }

  /** What was heard of one publisher until now; null: of messages that do not say whose they are. */
  countOf(publisher: string | null, now: number): Count {
    const entry = this.#entries.get(publisher);
    if (entry === undefined) {
      const none = this.#newest.size > 0 || this.#entries.size === 0 ? 0 : null;
      return { heard: 0, doubled: none, missing: none, longestSilenceMs: now - this.#since, span: null };
    }
    const { heard, stamped, doubled, missing, longest, first, last } = entry;
    return {
      heard,
      doubled: stamped === 0 ? null : doubled,
      missing: stamped === 0 || !this.#dense ? null : missing,
      longestSilenceMs: Math.max(longest, now - last),
      span: { first, last },
    };
  }

  /** Whether some message did not say whose it is. */
  get hasUnnamed(): boolean {
    return this.#entries.has(null);
  }

  /** Publishers that were heard, by name. */
  get heardNames(): readonly string[] {
    return [...this.#entries.keys()].filter((name) => name !== null);
  }

  #entryOf(publisher: string | null, at: number): Entry {
    const known = this.#entries.get(publisher);
    if (known !== undefined) return known;
    const made = { heard: 0, stamped: 0, doubled: 0, missing: 0, longest: 0, first: at, last: this.#since };
    this.#entries.set(publisher, made);
    return made;
  }
}
