// The log files of one server or publisher, rotated ones included, and their last lines. Reads only.

import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { logName } from "../../infra/core/layout.ts";

/** What a publisher prints. */
const publisherLog = "publisher.log";
/** What a server says before it has opened its log: why it did not start. */
const startLog = "start.log";

const blockBytes = 64 * 1024;
/** No line of a log is longer; a file without line ends must not fill the memory. */
const maxBytes = 16 * 1024 * 1024;

/** The file that grows now. */
export const currentLog = (folder: string, kind: "server" | "publisher", host?: string): string =>
  join(folder, kind === "server" ? logName(host === undefined ? {} : { host }) : publisherLog);

/** The log's files, oldest first: rotated ones, the current one, and what a server said when it last failed to start. */
export async function logFiles(folder: string, kind: "server" | "publisher"): Promise<readonly string[]> {
  const current = currentLog(folder, kind);
  const names = await readdir(folder).catch(() => [] as string[]);
  const own = names
    .map((name) => join(folder, name))
    .filter((path) => path === current || path.startsWith(`${current}.`));
  const start = kind === "server" && names.includes(startLog) ? [join(folder, startLog)] : [];
  const dated = await Promise.all([...own, ...start].map(async (path) => ({ path, at: await changedAt(path) })));
  const latest = dated.find(({ path }) => path === current)?.at ?? 0;
  return dated
    .filter(({ path, at }) => at !== null && (!start.includes(path) || at > latest))
    .sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || (a.path === current ? 1 : -1))
    .map(({ path }) => path);
}

/** How far a file reaches now; 0 where there is none. */
export const lengthOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

/** How much of a file counts: what comes after is for whoever follows it. */
export interface Cut {
  readonly path: string;
  readonly length: number;
}

/** The last `count` lines of these files together; of the one that grows only what stands before its cut. */
export async function lastLines(files: readonly string[], count: number, cut?: Cut): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const path of files.toReversed()) {
    if (lines.length >= count) break;
    const until = path === cut?.path ? cut.length : Number.POSITIVE_INFINITY;
    lines.unshift(...(await endOf(path, count - lines.length, until)));
  }
  return lines;
}

/** Reads backwards, so that a large file costs no more than its end. */
async function endOf(path: string, count: number, until: number): Promise<readonly string[]> {
  await using file = await open(path, "r");
  let position = Math.min((await file.stat()).size, until);
  let end = Buffer.alloc(0);
  while (position > 0 && end.length < maxBytes && newlinesIn(end) <= count) {
    const length = Math.min(blockBytes, position);
    position -= length;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    end = Buffer.concat([buffer.subarray(0, bytesRead), end]);
  }
  return linesOf(end.toString("utf8")).slice(-count);
}

/** nats-server ends its lines with a carriage return as well. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function newlinesIn(bytes: Buffer): number {
  let found = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) found++;
  return found;
}

/** Null for what is not a file, or went away. */
async function changedAt(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() && found.size > 0 ? found.mtimeMs : null;
}
