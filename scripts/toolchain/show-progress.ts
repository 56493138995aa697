// Shows a set-up's progress: one updating line on a terminal, a line now and then elsewhere. Writes to its stream only.

import type { WriteStream } from "node:tty";
import type { OnProgress, Progress } from "./progress.ts";

/** What is written to: standard error, or anything like it. */
export type ProgressStream = Pick<WriteStream, "write"> & Partial<Pick<WriteStream, "isTTY" | "columns">>;

/** Something slow that is under way. */
interface Task {
  readonly what: string;
  readonly usually: string;
  readonly since: number;
  detail: string;
}

/** Where there is no terminal, a build of minutes says that it lives this often. */
const stillEveryMs = 20_000;

/** Shows progress until it is disposed of; a set-up with nothing to do shows nothing. */
export function showProgress(stream: ProgressStream): OnProgress & Disposable {
  const tasks = new Map<string, Task>();
  const screen = stream.isTTY ? new UpdatingLine(stream) : undefined;
  const say = (line: string): void => {
    screen?.clear();
    stream.write(`${line}\n`);
  };
  const still = (): void => {
    screen?.show(lineOf(tasks));
    if (!screen) for (const [tool, task] of tasks) say(`  ${tool}: ${stateOf(task)}`);
  };
  const timer = setInterval(still, screen ? 200 : stillEveryMs).unref();
  const onProgress = (progress: Progress): void => {
    track(tasks, progress);
    const line = sentenceOf(progress);
    if (line) say(line);
  };
  return Object.assign(onProgress, {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      screen?.clear();
    },
  });
}

/** The line that stays on the screen for an event, where there is one. */
function sentenceOf(progress: Progress): string | undefined {
  switch (progress.kind) {
    case "doing":
      return `  ${progress.tool}: ${progress.what} (usually ${progress.usually})`;
    case "passed":
      return `  ${progress.tool}: not from ${progress.source}: ${progress.reason}`;
    case "done":
      return `  ${progress.tool}: ${progress.text}`;
    case "waiting":
      return `  ${progress.text}`;
    case "detail":
      return undefined;
  }
}

function track(tasks: Map<string, Task>, progress: Progress): void {
  if (progress.kind === "waiting") return;
  const task = tasks.get(progress.tool);
  if (progress.kind === "detail") {
    if (task) task.detail = progress.detail;
  } else if (progress.kind === "doing") {
    tasks.set(progress.tool, { what: progress.what, usually: progress.usually, since: Date.now(), detail: "" });
  } else tasks.delete(progress.tool);
}

const lineOf = (tasks: ReadonlyMap<string, Task>): string =>
  [...tasks]
    .map(([tool, task]) => `${tool} ${elapsed(task.since)} of ${task.usually}${bracketed(task.detail)}`)
    .join(" | ");

const stateOf = (task: Task): string =>
  `still ${task.what}, ${elapsed(task.since)} of usually ${task.usually}${bracketed(task.detail)}`;

const bracketed = (detail: string): string => (detail ? ` (${detail})` : "");

/** "45 s" or "2 min 05 s". */
export function elapsed(since: number, now = Date.now()): string {
  const seconds = Math.round((now - since) / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** One line at the bottom that is written over; other lines scroll above it. */
class UpdatingLine {
  readonly #stream: ProgressStream;
  #shown = "";

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  show(line: string): void {
    const text = line && `  ${line}`.slice(0, (this.#stream.columns ?? 80) - 1);
    if (text === this.#shown) return;
    this.#stream.write(`\r\x1b[2K${text}`);
    this.#shown = text;
  }

  clear(): void {
    if (this.#shown) this.#stream.write("\r\x1b[2K");
    this.#shown = "";
  }
}
