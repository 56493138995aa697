// What a subscriber at one upstream heard, counted message by message: who, gaps, lost, doubled. Pure: the clock is given.

/** One publisher followed another. */
export interface Handover {
  readonly from: string;
  readonly to: string;
  /** Milliseconds from the last message of the one to the first of the other. */
  readonly gapMs: number;
  /** Stamps between the two that were never heard. */
  readonly lost: number;
}

/** What was heard since the last {@link Tally.take}. */
export interface Tallied {
  /** Messages of each publisher, by its name. */
  readonly heard: Readonly<Record<string, number>>;
  readonly subjects: readonly string[];
  readonly handovers: readonly Handover[];
  /** Messages that are not newer than one heard before on the same subject: heard twice, or gone back. */
  readonly doubled: number;
  /** Those of the doubled ones that came from another publisher than the one whose turn it was. */
  readonly old: number;
  /** Stamps that were left out, in a handover or not. */
  readonly lost: number;
  /** Of each publisher's own numbers those that were left out between two that were heard: none while its link holds. */
  readonly holes: Readonly<Record<string, number>>;
  /** The longest time without a message. */
  readonly silenceMs: number;
  /** Whose turn it is: who was heard last with something new; null before the first message. */
  readonly hearing: string | null;
}

/** One message: `stamp` is the same for the same moment, whoever publishes. */
export interface Stamped {
  readonly publisher: string;
  readonly subject: string;
  readonly stamp: number;
}

/** Counts at one upstream. Who is heard and the newest stamps are kept for ever, the counts until they are taken. */
export class Tally {
  readonly #newest = new Map<string, number>();
  readonly #newestOf = new Map<string, number>();
  #hearing: string | null = null;
  #lastAt: number;
  #counts = noCounts();

  constructor(at: number) {
    this.#lastAt = at;
  }

  get hearing(): string | null {
    return this.#hearing;
  }

  /** Takes in one message heard at `at`. */
  add({ publisher, subject, stamp }: Stamped, at: number): void {
    const counts = this.#counts;
    const waited = at - this.#lastAt;
    const newest = this.#newest.get(subject);
    counts.heard[publisher] = (counts.heard[publisher] ?? 0) + 1;
    counts.subjects.add(subject);
    counts.silenceMs = Math.max(counts.silenceMs, waited);
    this.#lastAt = at;
    this.#countHoles({ publisher, subject, stamp });
    if (newest !== undefined && stamp <= newest) {
      counts.doubled++;
      if (publisher !== this.#hearing) counts.old++;
      return;
    }
    const lost = newest === undefined ? 0 : stamp - newest - 1;
    counts.lost += lost;
    if (this.#hearing !== null && this.#hearing !== publisher)
      counts.handovers.push({ from: this.#hearing, to: publisher, gapMs: waited, lost });
    this.#newest.set(subject, stamp);
    this.#hearing = publisher;
  }

  #countHoles({ publisher, subject, stamp }: Stamped): void {
    const { holes } = this.#counts;
    const own = `${publisher} ${subject}`;
    const before = this.#newestOf.get(own) ?? stamp;
    holes[publisher] = (holes[publisher] ?? 0) + Math.max(0, stamp - before - 1);
    this.#newestOf.set(own, Math.max(before, stamp));
  }

  /** The counts, which begin anew. */
  take(at: number): Tallied {
    const counts = this.#counts;
    this.#counts = noCounts();
    const silenceMs = Math.max(counts.silenceMs, at - this.#lastAt);
    return { ...counts, subjects: [...counts.subjects].toSorted(), silenceMs, hearing: this.#hearing };
  }
}

const noCounts = () => ({
  heard: {} as Record<string, number>,
  subjects: new Set<string>(),
  handovers: [] as Handover[],
  doubled: 0,
  old: 0,
  lost: 0,
  holes: {} as Record<string, number>,
  silenceMs: 0,
});
