// Every exit code of natsby, once. They are a promise to scripts: see docs/problems.md.

/** What the number a natsby process ends with means. */
export const exitCodes = {
  /** Done, or nothing to do. */
  done: 0,
  /** A bug in natsby: a stack trace was printed. */
  internal: 1,
  /** Drift, doubled messages, or a verdict that is not ok. */
  drift: 2,
  /** Refused: nothing was changed. */
  refused: 3,
  /** A detach or fence was not proved: nothing was attached, and the old publisher may still be heard. */
  notProved: 4,
  /** Every upstream was seen without a link: nobody is heard. */
  nobodyActive: 5,
  /** Attached with follow-up incomplete, or rolled back. */
  incomplete: 6,
  /** Another run holds the lock or a newer ticket. */
  locked: 7,
  /** The command line was wrong. */
  usage: 64,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
