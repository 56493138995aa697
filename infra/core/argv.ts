// Commands are argument lists until the edge: nothing is pasted into a shell line.

/** A program and its arguments. */
export type Argv = readonly [program: string, ...args: string[]];

/** A word as a person may paste it into a shell: it means itself. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
