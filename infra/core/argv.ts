// Commands are argument lists until the edge: nothing is pasted into a shell line.

/** A program and its arguments. */
export type Argv = readonly [program: string, ...args: string[]];
