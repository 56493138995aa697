// Runs Pulumi's CLI for a verb, with the environment that `natsby env` gives and its output on stderr: stdout is the verb's own.

import { type ChildProcess, spawn } from "node:child_process";
import { UserError } from "../infra/core/errors.ts";
import { lineFilter } from "./render/pulumi-lines.ts";
import { toolEnvironment } from "./toolchain/environment.ts";
import type { Toolchain } from "./toolchain/look.ts";
import { projectRoot } from "./toolchain/paths.ts";

/** What a run is given besides its arguments. */
export interface PulumiRunOptions {
  /** Goes to its stdin: the way for a secret, which an argument would show to everybody. */
  readonly stdin?: string;
  /** Show what it prints. @default true */
  readonly show?: boolean;
  /** Which of its lines are shown. @default ends of steps, and all that is said outside of them */
  readonly lines?: (text: string) => string;
  /** Added to its environment, which its commands inherit. @default nothing */
  readonly env?: Readonly<Record<string, string>>;
  /** After so long it is told to stop, and a moment later killed. @default no bound: its commands have theirs */
  readonly withinMs?: number;
}

/** How it ended. */
export interface PulumiRun {
  readonly code: number;
  /** Everything it printed, both streams as they came. */
  readonly output: string;
  /** Its bound ran out. */
  readonly timedOut: boolean;
}

/** Runs `pulumi <args>` in the project's folder. Never rejects because of how it ended. */
export async function runPulumi(
  toolchain: Toolchain,
  args: readonly string[],
  options: PulumiRunOptions = {},
): Promise<PulumiRun> {
  const { stdin, show = true, lines = lineFilter(), withinMs } = options;
  const env = { ...process.env, ...toolEnvironment(toolchain), ...options.env };
  const child = spawn(toolchain.pulumi.path, [...args, "--non-interactive", "--color", colourOf(show)], {
    cwd: projectRoot,
    env,
    stdio: ["pipe", "pipe", "pipe"],
    // A group of its own: it is told to stop by this process alone, and once.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (show) process.stderr.write(lines(text));
    });
  }
  child.stdin.on("error", () => undefined).end(stdin ?? "");
  const bound = bounded(child, withinMs);
  using _ = passingOn(child);
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output, timedOut: bound.end() }));
  });
}

/**
 * Whoever ends natsby ends Pulumi too, in order: as by Ctrl-C, so that it frees the stack's lock, and what it ran stops or
 * finishes. A second Ctrl-C makes Pulumi give up at once; one that came by two ways (a terminal's reaches the wrapper and this
 * process) is one.
 */
function passingOn(child: ChildProcess): Disposable {
  let last = Number.NEGATIVE_INFINITY;
  const stop = (signal: NodeJS.Signals) => {
    const isAnother = signal === "SIGINT" || last === Number.NEGATIVE_INFINITY;
    if (!isAnother || performance.now() - last < sameMs) return;
    last = performance.now();
    child.kill("SIGINT");
  };
  for (const signal of stops) process.on(signal, stop);
  return {
    [Symbol.dispose]() {
      for (const signal of stops) process.off(signal, stop);
    },
  };
}

const stops = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const sameMs = 500;

/** Told first, so that it frees the stack's lock. */
function bounded(child: ChildProcess, withinMs: number | undefined): { end(): boolean } {
  let timedOut = false;
  const kill = (signal: NodeJS.Signals) => void child.kill(signal);
  const timers =
    withinMs === undefined
      ? []
      : [
          setTimeout(() => {
            timedOut = true;
            kill("SIGINT");
          }, withinMs),
          setTimeout(() => kill("SIGKILL"), withinMs + graceMs),
        ];
  return {
    end() {
      timers.forEach(clearTimeout);
      return timedOut;
    },
  };
}

const graceMs = 10_000;

/** Runs it silently and returns what it printed. @throws UserError with Pulumi's words where it fails. */
export async function askForResult(
  toolchain: Toolchain,
  args: readonly string[],
  options: PulumiRunOptions = {},
): Promise<string> {
  const { code, output } = await runPulumi(toolchain, args, { ...options, show: false });
  if (code === 0) return output;
  throw new UserError(`pulumi ${args.join(" ")}: ${output.trim().replace(/^error: /, "")}`, {
    code: "pulumi-failed",
    hint: 'eval "$(npx natsby env)", then try that command by hand',
  });
}

/** The exit code that natsby's own command printed inside a failed run: Pulumi's is 1 for all of them. */
export function natsbyExitIn(output: string): number | null {
  const found = /natsby exit (\d+):/.exec(output)?.[1];
  return found === undefined ? null : Number(found);
}

const colourOf = (show: boolean): string =>
  show && process.stderr.isTTY && !process.env.NO_COLOR ? "always" : "never";
