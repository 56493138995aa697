// A line a step on stderr, as it goes. Those of the gap come a moment later: each wakes whoever reads it, on the cores that make the link.

/** Longer than a gap; a run that hangs or is killed in a step has told of those before it. */
const heldMs = 100;

/** Where the lines go. */
export class ProgressLines {
  readonly #write: (text: string) => void;
  #held = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Shows it now, or within {@link heldMs}; in their order always. */
  show(line: string, isInGap: boolean): void {
    this.#held += `${line}\n`;
    if (!isInGap) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), heldMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#held !== "") this.#write(this.#held);
    this.#held = "";
  }
}
