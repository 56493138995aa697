// Tables and paragraphs of plain text that fit 80 columns. Knows nothing of what stands in them.

/** What a terminal shows at least. */
export const width = 80;

/** A table with its heads: columns two blanks apart, the widest one cut until all fits. */
export function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? "").length)));
  const room = width - 2 * (heads.length - 1);
  while (sum(widths) > room) widths[widths.indexOf(Math.max(...widths))] = Math.max(...widths) - 1;
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => cut(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0)).join("  ");
  return [heads, ...rows].map((cells) => line(cells).trimEnd());
}

/** Breaks a text at blanks so that it fits, `first` before its first line and as much indent before the others. */
export function wrap(first: string, text: string, rest: string = " ".repeat(first.length)): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/)) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      [line, empty] = [rest, true];
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** At most `length` characters, with … where something is missing. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
