// Runs a program to its end within a bound, line by line; takes it and its children along when this process must stop.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly withinMs: number;
  /** Takes each line that the program prints. */
  readonly onLine?: (line: string) => void;
}

const linesKept = 12;

/** Resolves when the program ended well; else rejects with the last lines it printed. */
export async function runTool(argv: readonly [string, ...string[]], options: RunOptions): Promise<void> {
  const [program, ...args] = argv;
  // A group of its own: a build is a tree of processes, and all of it must go at once.
  const child = spawn(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      options.onLine?.(line);
      tail.push(line);
      if (tail.length > linesKept) tail.shift();
    });
  }
  using _ = diesWithUs(child);
  const timer = setTimeout(() => killGroup(child), options.withinMs);
  const ended = await endOf(child).finally(() => clearTimeout(timer));
  if (ended === "exit 0") return;
  const overdue = ended.startsWith("SIG") && `gave up after ${options.withinMs / 1000} s`;
  throw new Error([`${program} ${args[0] ?? ""}: ${overdue || ended}`, ...tail].join("\n"));
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
}

const stops = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function diesWithUs(child: ChildProcess): Disposable {
  const stop = (signal: NodeJS.Signals): void => {
    killGroup(child);
    release();
    process.kill(process.pid, signal);
  };
  const release = (): void => {
    for (const signal of stops) process.off(signal, stop);
  };
  for (const signal of stops) process.on(signal, stop);
  return { [Symbol.dispose]: release };
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {}
}
