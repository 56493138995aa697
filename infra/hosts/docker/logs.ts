// What a container wrote, as its engine keeps it: the last lines in order, and what it goes on writing, also in the container after it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { argvOf, askDocker, callDocker, dockerEnvironment, type Engine } from "./engine.ts";

const pollMs = 500;

/** Lines with the engine's own time before each. */
interface Timed {
  readonly at: string;
  readonly text: string;
}

/** The part of the port that is about logs. @param labelled the filter that finds a program's container */
export function logsThere(engine: Engine, labelled: (name: string) => string) {
  const containerOf = (name: string): Promise<string> =>
    askDocker(engine, ["ps", "--all", "--quiet", "--filter", labelled(name)]);

  async function lastLines(name: string, count: number): Promise<readonly Timed[]> {
    const id = await containerOf(name);
    if (id === "") return [];
    const { stdout, stderr } = await callDocker(engine, ["logs", "--timestamps", "--tail", String(count), id]);
    const all = `${stdout}\n${stderr}`.split("\n").filter(Boolean).map(timed);
    return all.toSorted((one, other) => (one.at < other.at ? -1 : 1)).slice(-count);
  }

  /** Ends when the container does. */
  async function followOne(name: string, since: string, onLine: (line: Timed) => void, stop: AbortSignal) {
    const id = await containerOf(name);
    if (id === "") return;
    const from = since === "" ? [] : ["--since", since];
    const [program, ...args] = await argvOf(engine, ["logs", "--timestamps", "--follow", ...from, id]);
    const child = spawn(program, args, { env: dockerEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
    const end = (): boolean => child.kill();
    stop.addEventListener("abort", end);
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on("line", (line) => /^\d{4}-/.test(line) && onLine(timed(line)));
    await once(child, "close").finally(() => stop.removeEventListener("abort", end));
  }

  /** The last lines; with `stop` also all that come after, until then. */
  return async function log(name: string, count: number, onLine: (line: string) => void, stop?: AbortSignal) {
    const last = await lastLines(name, count);
    for (const { text } of last) onLine(text);
    let since = last.at(-1)?.at ?? "";
    while (stop !== undefined && !stop.aborted) {
      const follow = ({ at, text }: Timed): void => {
        if (at <= since) return;
        since = at;
        onLine(text);
      };
      await followOne(name, since, follow, stop);
      await sleep(pollMs, undefined, { signal: stop }).catch(() => undefined);
    }
  };
}

function timed(line: string): Timed {
  const at = line.slice(0, line.indexOf(" "));
  return { at, text: line.slice(at.length + 1).replace(/\r$/, "") };
}
