// Which numbers to send now: every moment has one number, the same for every publisher of the same rate. Pure: the clock is given.

/** Missed slots up to this age are caught up; older ones are left out and counted. */
export const catchUpMs = 1_000;

/** Slots from `first` to `last` are due: none where `last` is below `first`. */
export interface Due {
  readonly first: number;
  readonly last: number;
  /** How many before `first` will never be sent. */
  readonly missed: number;
}

/** The slot of a moment: `floor(ms * rate / 1000)`, counted in seconds and a rest so that it is exact at every rate. */
export function slotAt(ms: number, rate: number): number {
  const seconds = Math.floor(ms / 1_000);
  return seconds * rate + Math.floor(((ms - seconds * 1_000) * rate) / 1_000);
}

/** The first millisecond of a slot. */
export function startOf(slot: number, rate: number): number {
  const seconds = Math.floor(slot / rate);
  return seconds * 1_000 + Math.ceil(((slot - seconds * rate) * 1_000) / rate);
}

/**
 * What is due at `now` after `sent` was sent last. Never anything up to `sent`: a clock that was stepped back makes it
 * wait until its time comes again.
 */
export function dueSlots(sent: number, now: number, rate: number): Due {
  const last = slotAt(now, rate);
  const first = Math.max(sent + 1, slotAt(now - catchUpMs, rate) + 1);
  return { first, last, missed: first - sent - 1 };
}

/** How far the clock stands behind where the next slot was to be expected; 0 while it runs forward. */
export function steppedBackMs(sent: number, now: number, rate: number): number {
  return Math.max(0, startOf(sent, rate) - now);
}
