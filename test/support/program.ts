// A small program of a test's own, in a process of its own: for what must survive a signal, or a death, of whoever does it.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A program under way. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Everything it printed. */
  readonly lines: readonly string[];
  /** The next line that it prints; rejects when it ends before. */
  line(): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** How it ended, once both streams are closed. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stderr: string;
  }>;
}

/** Runs TypeScript that imports from this folder's `../..`, the project: `import … from "#infra/hosts/lock.ts"`. */
export function runTypeScript(source: string, env: Readonly<Record<string, string>> = {}): Program {
  const root = new URL("../../", import.meta.url).href;
  const text = source.replaceAll('"#', `"${root}`);
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", text], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let [stderr, taken] = ["", 0];
  createInterface(child.stdout).on("line", (line) => {
    lines.push(line);
    if (waiting.length > 0) waiting.shift()?.(lines[taken++] ?? "");
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  const ended = new Promise<Awaited<Program["ended"]>>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stderr }));
  });
  const early = ended.then(({ code, signal }) => Promise.reject(new Error(`ended (${signal ?? code}): ${stderr}`)));
  early.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    lines,
    line: () =>
      taken < lines.length
        ? Promise.resolve(lines[taken++] ?? "")
        : Promise.race([new Promise<string>((resolve) => waiting.push(resolve)), early]),
    signal: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
