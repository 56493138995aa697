// What must be true of a stack after any events: who may be heard, who is attached by its file, which exit codes a request may
// have. It knows nothing of servers; it is compared with them after every event.

import { Network } from "./network.ts";

/** A process, as events left it. */
export type Life = "up" | "down" | "frozen";

/** The model's state. Events change it as they must change the stack. */
export class Model {
  readonly life = new Map<string, Life>();
  readonly fenced = new Set<string>();
  /** Fenced ones that upstreams refuse: the fence was carried out, not only asked for. */
  readonly cut = new Set<string>();
  /** Fenced ones whose fence failed at some upstream: the others refuse them already. */
  readonly loose = new Set<string>();
  /** Publishers whose role file says attached. */
  readonly attached = new Set<string>(["publisher0"]);
  /** Who is cut off from whom. */
  readonly network = new Network();
  /** An upstream may list a link whose other end has died behind a cut: refused as a stranger's, until the network healed. */
  ghosts = false;
  /** Whether this run of a stack had its long wait. */
  waited = false;
  /** Who the config names. */
  wanted = "publisher0";
  epoch = 0;
  readonly upstreams: readonly string[];
  readonly publishers: readonly string[];

  constructor(upstreams: readonly string[], publishers: readonly string[]) {
    [this.upstreams, this.publishers] = [upstreams, publishers];
    for (const name of [...upstreams, ...publishers, ...publishers.map(dummyOf)]) this.life.set(name, "up");
  }

  isUp(name: string): boolean {
    return this.life.get(name) === "up";
  }

  /** Up, and natsby gets there. */
  answers(name: string): boolean {
    return this.isUp(name) && !this.network.hides(name);
  }

  /** Every process that events may hit. */
  get names(): readonly string[] {
    return [...this.life.keys()];
  }

  get allUpstreamsUp(): boolean {
    return this.upstreams.every((name) => this.isUp(name));
  }

  /** Whose link the upstreams take: never more than one. */
  get linked(): string | null {
    const [linked = null, ...more] = [...this.attached].filter((name) => !this.cut.has(name));
    if (more.length > 0) throw new Error(`the model itself has two attached: ${linked}, ${more}`);
    return linked;
  }

  /** Who is heard at every upstream that runs; null: nobody, or who is heard at some. */
  get heard(): string | null {
    const { linked } = this;
    if (linked === null || this.loose.has(linked) || this.network.parts(dummyOf(linked), this.upstreams)) return null;
    return this.isUp(linked) && this.isUp(dummyOf(linked)) ? linked : null;
  }

  /** Whose messages may come: also such as come to some upstreams only, or late, over a link that is cut. */
  get mayBeHeard(): readonly string[] {
    const { heard, linked, loose, network, upstreams } = this;
    const parted = linked !== null && network.parts(dummyOf(linked), upstreams) ? [linked] : [];
    return [...(heard === null ? parted : [heard]), ...loose];
  }

  /** Nothing is left to mend but at hosts that were given up. */
  get isWell(): boolean {
    const contacted = this.names.filter((name) => !this.fenced.has(publisherOf(name)));
    return contacted.every((name) => this.isUp(name)) && this.loose.size === 0 && this.linked === this.wanted;
  }

  /** The exit codes that a cutover to the wanted publisher may have. */
  get codes(): readonly number[] {
    // A fence that cannot be made everywhere is not proved; what needs no fence is refused.
    if (!this.upstreams.every((name) => this.answers(name))) return this.fenced.size > 0 ? [3, 4] : [3];
    const target = dummyOf(this.wanted);
    if (!this.answers(target)) return [3];
    // Alive, and out of natsby's reach only: its process is not ended for that.
    const { linked } = this;
    if (linked !== null && linked !== this.wanted && !this.fenced.has(linked)) {
      if (this.isUp(dummyOf(linked)) && !this.answers(dummyOf(linked))) return this.isUnsure ? [3, 4, 5, 6] : [3];
    }
    // It was linked before: it stays so, and that nothing is heard of it is said.
    const usual = this.isUp(this.wanted) ? [0] : this.linked === this.wanted ? [0, 6] : [3];
    return this.isUnsure ? [...usual, 3, 4, 5, 6] : usual;
  }

  /** A link that is cut is neither there nor gone: whoever has to go or to come by it may fail to, and that is said. */
  get isUnsure(): boolean {
    const { network, upstreams, linked, wanted } = this;
    const concerned = [wanted, ...(linked === null ? [] : [linked])].map(dummyOf);
    // Whoever is taken back has to be asked whether it is detached.
    const back = [...this.cut].filter((name) => !this.fenced.has(name)).map(dummyOf);
    return (
      this.ghosts ||
      [...upstreams, ...concerned].some((name) => network.parts(name, upstreams)) ||
      back.some((name) => network.hides(name))
    );
  }

  /** What a cutover that ended with 4 may have. */
  notProved(): void {
    for (const name of this.fenced) if (!this.cut.has(name)) this.loose.add(name);
  }

  /** What a cutover that ended with 0 has brought about. */
  done(): void {
    this.loose.clear();
    for (const name of this.publishers) {
      if (this.fenced.has(name)) this.cut.add(name);
      else this.cut.delete(name);
      if (this.fenced.has(name)) continue;
      this.attached.delete(name);
      const dummy = dummyOf(name);
      // A frozen dummy cannot be told to detach: it was stopped, and started again. Whoever is out of reach stays stopped.
      if (this.network.hides(dummy)) this.life.set(dummy, "down");
      else if (this.life.get(dummy) === "frozen") this.life.set(dummy, "up");
    }
    this.attached.add(this.wanted);
  }
}

export const dummyOf = (publisher: string): string => publisher.replace("publisher", "dummy-nats");
export const publisherOf = (dummy: string): string => dummy.replace("dummy-nats", "publisher");
