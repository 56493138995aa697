// Runs one test file: with a temporary folder of its own, within its bound, and with nothing left running behind it.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { endLeftBehind } from "./left-behind.ts";
import { type Ended, runBounded } from "./run-bounded.ts";
import type { Event } from "./test-events.ts";
import type { TestFile } from "./test-files.ts";

/** What its tests came to. */
export interface FileResult {
  readonly path: string;
  readonly passed: number;
  /** The names of the tests that this machine could not run. */
  readonly skips: readonly string[];
  /** A line for each failure: a test's name, or what went wrong with the file. */
  readonly failures: readonly string[];
  /** How the reason of a failed test begins, by its name. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly output: string;
  readonly ms: number;
}

/** What every file of a run shares. */
export interface TestRun {
  readonly env: NodeJS.ProcessEnv;
  /** Holds a folder for each file. */
  readonly folder: string;
  /** Passed on to Node, such as `--test-name-pattern=…`. */
  readonly nodeOptions: readonly string[];
  readonly stop: AbortSignal;
}

/** Runs it to its end. Never rejects because of what a test did. */
export async function runTestFile({ path, withinMs }: TestFile, run: TestRun): Promise<FileResult> {
  const name = path.replace(/^test\//, "").replaceAll(/[^\w-]+/g, "-");
  const folder = join(run.folder, name.slice(0, 40));
  const eventsFile = join(run.folder, `${name}.events`);
  mkdirSync(folder, { recursive: true });
  const reporters = [
    ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
    ...[`--test-reporter=${import.meta.resolve("./test-events.ts")}`, `--test-reporter-destination=${eventsFile}`],
  ];
  const argv = [process.execPath, ...reporters, ...run.nodeOptions, path] as const;
  const ended = await runBounded(argv, { ...run, env: { ...run.env, TMPDIR: folder }, withinMs });
  const left = await endLeftBehind(folder);
  const events = eventsIn(eventsFile);
  removeQuietly(folder);
  const failures = failuresOf(events, ended, withinMs);
  for (const { pid, command } of left) failures.push(`left process ${pid} running: ${command}`);
  const { passed = 0 } = count(events);
  const skips = events.filter(({ what }) => what === "skipped").map(({ name }) => name);
  const reasons = Object.fromEntries(events.flatMap(({ name, why }) => (why === undefined ? [] : [[name, why]])));
  return { path, passed, skips, failures, reasons, output: ended.output, ms: ended.ms };
}

function failuresOf(events: readonly Event[], { code, overdue }: Ended, withinMs: number): string[] {
  const failures = events.filter(({ what }) => what === "failed").map(({ name }) => name);
  const { passed = 0, skipped = 0 } = count(events);
  if (overdue) failures.push(`gave up after ${withinMs / 1000} s${underWay(events)}`);
  else if (code === null) failures.push(`was killed${underWay(events)}`);
  else if (code !== 0 && failures.length === 0) failures.push(`ended with exit code ${code}${underWay(events)}`);
  else if (passed + skipped + failures.length === 0) failures.push("has no test that ran");
  return failures;
}

/** Names the tests that had begun and not ended. */
function underWay(events: readonly Event[]): string {
  const open = new Set<string>();
  for (const { what, name } of events) {
    if (what === "began") open.add(name);
    if (what === "ended") open.delete(name);
  }
  return open.size > 0 ? ` in: ${[...open].join(" > ")}` : "";
}

const count = (events: readonly Event[]): Partial<Record<Event["what"], number>> => {
  const counts: Partial<Record<Event["what"], number>> = {};
  for (const { what } of events) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
};

/** The last line of a killed process may be half a line. */
function eventsIn(file: string): readonly Event[] {
  const text = readQuietly(file);
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Go keeps its modules in folders that cannot be written; what is left there the system's own cleaning takes. */
function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {}
}
