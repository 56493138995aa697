// What every part of the benchmark is made of: it measures, and its numbers become text, pictures and targets.

/** How much to measure. */
export interface Scale {
  /** Flips of each kind, where the whole run makes `whole`. */
  flips(whole: number): number;
  readonly isQuick: boolean;
}

/** What must be reached, and whether it was. */
export interface Target {
  readonly what: string;
  readonly bound: string;
  readonly measured: string;
  readonly isReached: boolean;
}

/** One part. `Data` is what it measured, raw: it goes into docs/benchmarks.json. */
export interface Section<Data> {
  readonly name: string;
  readonly title: string;
  measure(scale: Scale, say: (line: string) => void): Promise<Data>;
  targets(data: Data): readonly Target[];
  /** Markdown; `pictures` are beside it. */
  render(data: Data): readonly string[];
  /** SVG by file name. */
  pictures(data: Data): Readonly<Record<string, string>>;
}

/** A Markdown table: numbers stand right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [row(head), row(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(row)];
}
