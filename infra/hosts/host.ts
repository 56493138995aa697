// The port `Host`: what natsby needs of a machine, and nothing more. Drivers: local (ssh and docker come with their platforms).

import type { Argv } from "../core/argv.ts";

/** How a program ended. */
export interface Finished {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Its bound ran out and it was killed. */
  readonly timedOut: boolean;
}

/** What a host has seen: no write of a lower epoch or ticket is accepted any more. */
export interface Guard {
  readonly epoch: number;
  readonly ticket: number;
  readonly fenced: readonly string[];
}

/** Who writes: checked against the host's {@link Guard} under the host's lock, for every write. */
export type Claim = Guard;

/** One machine of the stack. Every method is bounded; paths are absolute. */
export interface Host extends AsyncDisposable {
  readonly name: string;
  /** The text of a file; null when there is none. Rejects where it cannot be read. */
  read(path: string): Promise<string | null>;
  /** The highest epoch and ticket seen here. */
  guard(): Promise<Guard>;
  /**
   * Raises this host's guard to the claim.
   * @throws UserError exit 7 when the host has seen a higher ticket or epoch, or the same epoch with another fenced list.
   */
  claim(claim: Claim): Promise<void>;
  /** Writes and syncs `text` beside `path` without touching it: a file of this claim's own, so that no other run's is put in place. */
  stage(path: string, text: string, mode: number, claim: Claim): Promise<void>;
  /** Puts what was staged in place, under the lock, if the claim still holds. @throws UserError exit 7 as {@link Host.claim}. */
  commit(path: string, claim: Claim): Promise<void>;
  /** Does what is no write, such as a signal, under the lock, if the claim still holds. @throws UserError exit 7 as {@link Host.claim}. */
  guarded<T>(claim: Claim, work: () => Promise<T>): Promise<T>;
  /** Removes from a folder what this claim, and older runs that were killed, left staged there. */
  tidy(folder: string, claim: Claim): Promise<void>;
  /** Adds a line to a file and syncs it. */
  append(path: string, line: string): Promise<void>;
  run(argv: Argv, options: { readonly cwd?: string; readonly withinMs: number }): Promise<Finished>;
}

/** Where {@link Host.stage} puts a text until {@link Host.commit}. */
export const stagedPath = (path: string, { ticket }: Pick<Claim, "ticket">): string => `${path}.${ticket}.next`;

/** Whether a file of this name was staged by the run with this ticket or an older one. */
export function isLeftover(name: string, { ticket }: Pick<Claim, "ticket">): boolean {
  const staged = /\.(\d+)\.next$/.exec(name);
  return staged !== null && Number(staged[1]) <= ticket;
}
