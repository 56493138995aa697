// The logs of a server or publisher on a host of its own: the last lines of what grows now, and what comes after. Reads only.

import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../../infra/hosts/host.ts";
import { linesOf } from "./log-files.ts";

const pollMs = 500;
const askMs = 10_000;
/** Of what was written between two looks. */
const mostBytes = 4 * 1024 * 1024;

/** The last `count` lines, and how far the file reached then: no line is lost between, and none comes twice. */
export async function lastLinesThere(host: Host, path: string, count: number) {
  const length = await lengthThere(host, path);
  const { code, stdout } = await host.run(
    ["sh", "-c", 'head -c "$1" -- "$2" | tail -n "$3"', "sh", String(length), path, String(count)],
    { withinMs: askMs },
  );
  return { length, lines: code === 0 ? linesOf(stdout) : [] };
}

/** Hands on every whole line after its first `from` bytes, until `stop`. A file that was rotated is read from its beginning. */
export async function followThere(
  host: Host,
  path: string,
  from: number,
  onLine: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  let position = from;
  while (!stop.aborted) {
    const length = await lengthThere(host, path);
    if (length < position) position = 0;
    if (length > position) {
      const script = 'tail -c "+$1" -- "$2" | head -c "$3"';
      const words = [String(position + 1), path, String(Math.min(length - position, mostBytes))];
      const { stdout } = await host.run(["sh", "-c", script, "sh", ...words], { withinMs: askMs });
      // What has no end yet is read again with its end.
      const whole = stdout.slice(0, stdout.lastIndexOf("\n") + 1);
      position += Buffer.byteLength(whole);
      for (const line of linesOf(whole)) onLine(line);
    }
    await sleep(pollMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** 0 where there is none. */
async function lengthThere(host: Host, path: string): Promise<number> {
  const { code, stdout } = await host.run(["wc", "-c", path], { withinMs: askMs });
  return code === 0 ? Number.parseInt(stdout, 10) || 0 : 0;
}
