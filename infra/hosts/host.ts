// The port `Host`: what natsby needs of a machine, and nothing more. Drivers: local, ssh, docker.

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

/** What stands at a path. */
export type Looked =
  | {
      readonly kind: "file";
      readonly bytes: number;
      /** By the host's own clock, in milliseconds since the Unix epoch. */
      readonly modifiedMs: number;
      /** Null where it is larger than {@link maxLookedBytes}. */
      readonly text: string | null;
    }
  | { readonly kind: "none" | "folder" | "other" }
  /** `code` as errno names it: EACCES, ELOOP, ENOTDIR. */
  | { readonly kind: "unreadable"; readonly code: string; readonly message: string };

/** A process that natsby started, told apart from every later one with the same pid by when it started. */
export interface RunningProcess {
  /** Name of the server or publisher. */
  readonly name: string;
  /** The folder of the stack that it belongs to. */
  readonly dataDir: string;
  readonly pid: number;
  /** Clock ticks from boot to its start, as in /proc/<pid>/stat. */
  readonly startTicks: number;
  /** Stopped by a signal: it lives, and answers nothing. */
  readonly frozen: boolean;
}

/** What to start, and where. It outlives natsby and is found again by {@link Host.processes}. */
export interface StartOptions {
  /** Name of the server or publisher: its mark. */
  readonly name: string;
  readonly argv: Argv;
  readonly cwd: string;
  /** On top of what the host gives a program. Holds secrets: never in a command line or a file that others read. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where its stdout and stderr go, appended. */
  readonly output: string;
  /** Whose rights it has where systemd runs it. @default natsby's own */
  readonly as?: RunsAs;
}

/** The rights of what is started, where a host can give it other ones than natsby's: a user of its own, and nothing of the host's to write to. */
export type RunsAs =
  /** A nats-server. `lowPorts`: it listens on a port below 1024. */
  | { readonly kind: "server"; readonly lowPorts: boolean }
  /** A program of any kind. `user` is one that the host has. @default one made for it alone */
  | { readonly kind: "publisher"; readonly user?: string };

/** How {@link Host.stop} goes about it. */
export interface StopOptions {
  /** How long to wait for its end, in milliseconds. */
  readonly withinMs: number;
  /** @default "SIGKILL" */
  readonly signal?: NodeJS.Signals;
  /** Signal the whole process group that it leads: what a shell started as well. @default false */
  readonly group?: boolean;
}

/** How {@link Host.run} runs a program. */
export interface HostRunOptions {
  readonly cwd?: string;
  readonly withinMs: number;
  /** The whole environment. @default natsby's own on `local`, the login's on a host of its own */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * One machine of the stack, for the stack whose files lie in `dataDir` there. Every method is bounded; paths are absolute.
 * Calls that are made at once share a round trip: ask for what is independent by `Promise.all`, never one after the other.
 * @throws UserError code "host-unreachable" from any method where the host cannot be reached.
 */
export interface Host extends AsyncDisposable {
  /** Its name in `hosts` of the config; `local` is this machine. */
  readonly name: string;
  /** Where programs are containers: the nats-server of its image. Pulumi makes such a container, and replaces it; natsby starts it again. */
  readonly natsServer?: string;
  /** Where programs are containers, whose engine keeps what they wrote: the last lines, then until `stop` what comes. @param stop absent: nothing more */
  log?(name: string, lines: number, onLine: (line: string) => void, stop?: AbortSignal): Promise<void>;
  /** The text of a file; null when there is none. Rejects where it cannot be read. */
  read(path: string): Promise<string | null>;
  /** What stands at each path, in the same order. Looks before it opens: a pipe in a file's place is not waited for. Rejects for none of them. */
  look(paths: readonly string[]): Promise<readonly Looked[]>;
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Makes a folder with mode 0700 and those above it. */
  makeFolder(path: string): Promise<void>;
  /** Writes a file whole or not at all, synced, with the folders above it. For what no cutover writes: no guard is asked. @throws UserError code "unwritable". */
  write(path: string, text: string, mode: number): Promise<void>;
  /** Removes a file, or a folder with all in it; also where it never was. */
  remove(path: string): Promise<void>;
  /** Moves a file within one folder. */
  move(from: string, to: string): Promise<void>;
  /** Adds a line to a file and syncs it: a line of its own, even after a writer that was killed. */
  append(path: string, line: string): Promise<void>;
  /** Brings a file of this machine to the host, whole or not at all. */
  bring(file: string, path: string, mode: number): Promise<void>;

  /** The highest epoch and ticket seen here. */
  guard(): Promise<Guard>;
  /**
   * Raises this host's guard to the claim.
   * @throws UserError exit 7 when the host has seen a higher ticket or epoch, or the same epoch with another fenced list.
   */
  claim(claim: Claim): Promise<void>;
  /** Writes and syncs `text` beside `path` without touching it: a file of this claim's own, so that no other run's is put in place. */
  stage(path: string, text: string, mode: number, claim: Claim): Promise<void>;
  /**
   * Puts what was staged in place, under the lock, if the claim still holds. @throws UserError exit 7 as {@link Host.claim}.
   * @param reader gets SIGHUP in the same step, if it still is that very process. @default nobody
   */
  commit(path: string, claim: Claim, reader?: RunningProcess): Promise<void>;
  /** Does what is no write, such as a signal, under the lock, if the claim still holds. @throws UserError exit 7 as {@link Host.claim}. */
  guarded<T>(claim: Claim, work: () => Promise<T>): Promise<T>;
  /** Removes from a folder what this claim, and older runs that were killed, left staged there. */
  tidy(folder: string, claim: Claim): Promise<void>;
  /** Holds a lock of the host that is freed when its holder dies. @throws UserError exit 7 when it is not free within `withinMs`. */
  inTurn<T>(path: string, withinMs: number, work: () => Promise<T>): Promise<T>;

  run(argv: Argv, options: HostRunOptions): Promise<Finished>;
  /** Every live process of the stack here, by name, oldest first. Usually one a name. */
  processes(): Promise<ReadonlyMap<string, readonly RunningProcess[]>>;
  /** Whether any process has this pid. */
  lives(pid: number): Promise<boolean>;
  /** Starts a program and returns its pid. Rejects when it cannot be executed. */
  start(options: StartOptions): Promise<number>;
  /** Signals the process after a last look at who it is. False when it is gone: then nobody was signalled. */
  signal(process: RunningProcess, signal: NodeJS.Signals): Promise<boolean>;
  /** Signals the process and waits for its end: true when it is gone, false when it outlived the bound. */
  stop(process: RunningProcess, options: StopOptions): Promise<boolean>;
  /** Who listens on a port here, in words; null where it is free. */
  portOwner(address: string, port: number): Promise<string | null>;
  /**
   * Where this program reaches a port that is listened on there: that very place on this machine, else a tunnel that lives as
   * long as the connection to the host. @param address as the host sees it. @default its loopback
   */
  reach(port: number, address?: string): Promise<{ readonly address: string; readonly port: number }>;
}

/** Far more than natsby ever writes into a file that it looks at. */
export const maxLookedBytes = 1024 * 1024;

/** The name of the host that this program runs on. No host of a config has it. */
export const thisMachine = "local";

/** Where {@link Host.stage} puts a text until {@link Host.commit}. */
export const stagedPath = (path: string, { ticket }: Pick<Claim, "ticket">): string => `${path}.${ticket}.next`;

/** Whether a file of this name was staged by the run with this ticket or an older one. */
export function isLeftover(name: string, { ticket }: Pick<Claim, "ticket">): boolean {
  const staged = /\.(\d+)\.next$/.exec(name);
  return staged !== null && Number(staged[1]) <= ticket;
}
