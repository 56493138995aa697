// Finds a shorter list that fails too: takes away halves, then quarters, down to single ones, as long as what is left still fails.

/** How far it goes. */
export interface ShrinkOptions<T> {
  /** Whether a list fails: for a long run a stack of its own each time. */
  fails(list: readonly T[]): Promise<boolean>;
  /** No further try is begun when this says so. @default never */
  isEnough?(): boolean;
}

/** The shortest list found, in the order of the whole one. It never gives back one that was not seen to fail. */
export async function shrunk<T>(whole: readonly T[], { fails, isEnough }: ShrinkOptions<T>): Promise<readonly T[]> {
  let list = whole;
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    const before = list.length;
    // From the end, so that what is taken away moves nothing that is still to be tried.
    for (let from = list.length - size; from > -size; from -= size) {
      if (isEnough?.()) return list;
      const start = Math.max(0, from);
      const shorter = [...list.slice(0, start), ...list.slice(from + size)];
      if (shorter.length < list.length && shorter.length > 0 && (await fails(shorter))) list = shorter;
    }
    // Single ones may go only once another has gone.
    if (size === 1 && list.length < before) size = 2;
  }
  return list;
}
