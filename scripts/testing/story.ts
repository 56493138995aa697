// What a run of checks and tests prints: a line for each part as it ends, all failures at the end, then the count.

import type { Output } from "../render/output.ts";
import type { CheckResult } from "./checks.ts";
import type { FileResult } from "./run-test-file.ts";

/** What a run came to. */
export interface Results {
  readonly checks: readonly CheckResult[];
  readonly files: readonly FileResult[];
  /** Failures of the run itself: the set-up, or that it was stopped. */
  readonly others: readonly string[];
}

/** How many passed, failed and were skipped: each check, each test, each failure of the run. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts everything that ran. Where nothing did, that is a failure. */
export function tallyOf({ checks, files, others }: Results): Tally {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const passed = sum([checks.filter(({ ok }) => ok).length, ...files.map((file) => file.passed)]);
  const skipped = sum(files.map((file) => file.skips.length));
  const broken = sum([others.length, checks.filter(({ ok }) => !ok).length, ...files.map((f) => f.failures.length)]);
  return { passed, skipped, failed: passed + broken === 0 ? 1 : broken };
}

/** The last line of every run. */
const tallyLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

/** A check that ended. */
export function tellCheck({ name, ok, ms }: CheckResult, output: Output): void {
  output.print(`${mark(ok, output)} ${name.padEnd(nameWidth)} ${seconds(ms)}\n`);
}

/** A test file that ended; `whole` shows each of its tests, where else a good file is one line. */
export function tellFile(file: FileResult, whole: boolean, output: Output): void {
  const ok = file.failures.length === 0;
  const counts = tallyLine({ passed: file.passed, failed: file.failures.length, skipped: file.skips.length });
  output.print(`${mark(ok, output)} ${file.path.padEnd(nameWidth)} ${seconds(file.ms)}  ${counts}\n`);
  if (whole || !ok) output.print(`${file.output.trimEnd().replaceAll(/^(?=.)/gm, "       ")}\n`);
}

/** Everything that failed, the output of failed checks, and the count. */
export function tellEnd(results: Results, output: Output): void {
  const { checks, files, others } = results;
  const failed = checks.filter(({ ok }) => !ok);
  for (const check of failed) output.print(`\n${output.paint("red", check.name)}:\n${check.output.trim()}\n`);
  const failures = [
    ...others,
    ...failed.map(({ name }) => `check: ${name}`),
    ...files.flatMap(({ path, failures, reasons }) => reasoned(path, failures, reasons)),
  ];
  const lines = failures.map((line) => `  ${line}\n`).join("");
  const skips = files.flatMap(({ path, skips }) => skips.map((name) => `  ${path}: ${name}\n`)).join("");
  if (skips !== "") output.print(`\nskipped, since this machine cannot run them:\n${skips}`);
  if (failures.length > 0) output.print(`\n${output.paint("red", "failed:")}\n${lines}`);
  output.print(`\n${tallyLine(tallyOf(results))}\n`);
}

/** With its reason: of a long log often only the end is kept. */
const reasoned = (path: string, failures: FileResult["failures"], reasons: FileResult["reasons"]): readonly string[] =>
  failures.map((failure) => `${path}: ${failure}${indented(reasons[failure] ?? "")}`);

const indented = (text: string): string => (text === "" ? "" : `\n${text.trimEnd()}`.replaceAll("\n", "\n      "));

const nameWidth = 46;

const mark = (ok: boolean, output: Output): string =>
  ok ? output.paint("green", "ok    ") : output.paint("red", "FAILED");

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`;
