// Runs a program for a test: in a process group of its own, bounded, with both streams kept. Judges nothing.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** @default 300_000 */
  readonly withinMs?: number;
}

/** How it ended. */
export interface Ran {
  readonly argv: readonly string[];
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams as they came. */
  readonly output: string;
  /** From its start to the end of both streams. */
  readonly ms: number;
}

/** A program that has not ended yet. */
export interface Running {
  readonly pid: number;
  /** Both streams so far. */
  output(): string;
  /** Signals it, or everything that it started in its process group. */
  signal(signal: NodeJS.Signals, whom?: "itself" | "group"): void;
  /** Rejects only where it could not be started or ran into its bound: then its group is killed. */
  readonly ended: Promise<Ran>;
}

/** Starts it. */
export function startProgram(argv: readonly string[], options: RunOptions = {}): Running {
  const [program = "", ...args] = argv;
  const { cwd, env, stdin = "", withinMs = 300_000 } = options;
  const started = performance.now();
  const child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
  const parts: { readonly from: "stdout" | "stderr"; readonly text: string }[] = [];
  for (const from of ["stdout", "stderr"] as const) {
    child[from].setEncoding("utf8").on("data", (text: string) => parts.push({ from, text }));
  }
  child.stdin.on("error", () => undefined).end(stdin);
  const textOf = (from?: string): string =>
    parts.flatMap((part) => (from === undefined || part.from === from ? [part.text] : [])).join("");
  const signal: Running["signal"] = (name, whom = "itself") => {
    if (child.pid !== undefined) signalIfThere(whom === "group" ? -child.pid : child.pid, name);
  };
  const ended = endOf(child, withinMs, () => signal("SIGKILL", "group")).then((end) => {
    const ran = {
      argv,
      ...end,
      stdout: textOf("stdout"),
      stderr: textOf("stderr"),
      output: textOf(),
      ms: performance.now() - started,
    };
    if (end.overdue) throw new Error(`gave up after ${withinMs} ms: ${describe(ran)}`);
    return ran;
  });
  return { pid: child.pid ?? 0, output: () => textOf(), signal, ended };
}

/** Gives back how it ended. @throws with all that it printed where that was not `code`. */
export async function endsWith(code: number, run: Promise<Ran>): Promise<Ran> {
  const ran = await run;
  if (ran.code !== code) throw new Error(`not exit ${code}: ${describe(ran)}`);
  return ran;
}

const describe = ({ argv, code, signal, output }: Ran): string =>
  `${argv.join(" ")}: ${signal ?? `exit ${code}`}\n${output}`;

type Child = ReturnType<typeof spawn>;

async function endOf(child: Child, withinMs: number, kill: () => void) {
  let overdue = false;
  const timer = setTimeout(() => {
    overdue = true;
    kill();
  }, withinMs);
  try {
    // "close", not "exit": what is still in the pipes counts.
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return { code, signal, overdue };
  } finally {
    clearTimeout(timer);
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
