// natsby logs: what servers and publishers wrote, rotated files included, and what they go on writing. Changes nothing.

import { UserError } from "../../infra/core/errors.ts";
import { folderOf } from "../../infra/core/layout.ts";
import { nearest } from "../../infra/core/nearest.ts";
import type { Topology } from "../../infra/core/topology.ts";
import type { Host } from "../../infra/hosts/host.ts";
import type { Hosts, Placed } from "../../infra/hosts/hosts.ts";
import { follow } from "../logs/follow.ts";
import { followThere, lastLinesThere } from "../logs/host-logs.ts";
import { type Cut, currentLog, lastLines, lengthOf, logFiles } from "../logs/log-files.ts";
import { type Output, processOutput } from "../render/output.ts";
import { loadStack, stackFlag } from "../stack.ts";
import { wholeNumber } from "./flags.ts";
import { defineVerb } from "./verb.ts";

/** What was typed. */
export type LogsFlags = {
  readonly lines: number;
  readonly follow: boolean;
  readonly stack?: string;
};

/** The command of the CLI. */
export const verb = defineVerb<LogsFlags, [name?: string]>({
  brief: "Show what servers and publishers wrote",
  details:
    "Shows the last lines of one log, or of all, the name before each line. Rotated files are read on where needed.",
  examples: [
    ["natsby logs", "The last lines of every server and publisher"],
    ["natsby logs dummy-nats0 --lines 200", "More of one"],
    ["natsby logs publisher0 --follow", "And what it goes on writing"],
  ],
  parameters: {
    flags: {
      lines: {
        kind: "parsed",
        parse: wholeNumber("lines", 1_000_000),
        brief: "How many lines of each log",
        placeholder: "number",
        default: "20",
      },
      follow: { kind: "boolean", brief: "Go on with what is written next", default: false, withNegated: false },
      stack: stackFlag,
    },
    aliases: { s: "stack", f: "follow", n: "lines" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "Server or publisher, such as server0  [default: all]",
          parse: String,
          placeholder: "name",
          optional: true,
        },
      ],
    },
  },
  run: (flags, name) => logs(flags, name),
});

/** What {@link logs} takes from outside. */
export interface LogsParts {
  readonly output?: Output;
  readonly load?: typeof loadStack;
  /** Ends `--follow`. @default never */
  readonly stop?: AbortSignal;
}

interface Log {
  readonly name: string;
  readonly kind: "server" | "publisher";
  readonly folder: string;
  /** Absent where it is on this machine. */
  readonly host?: string;
}

/** Prints the last lines of one log or of all, then follows them if asked to. */
export async function logs(flags: LogsFlags, name: string | undefined, parts: LogsParts = {}): Promise<void> {
  const { output = processOutput(), load = loadStack, stop = new AbortController().signal } = parts;
  const { hosts, topology } = await load(flags.stack);
  const chosen = chosenLogs(topology, name);
  const widest = Math.max(...chosen.map((log) => log.name.length));
  const print = (log: Log) => (line: string) =>
    output.print(
      chosen.length === 1 ? `${line}\n` : `${output.paint("dim", `${log.name.padEnd(widest)} |`)} ${line}\n`,
    );
  if (await shownByEngines(hosts, chosen, flags, print, stop)) return;
  const shown = await Promise.all(chosen.map((log) => shownOf(hosts.of(log), log, flags.lines)));
  for (const { log, lines } of shown) {
    if (lines.length === 0) output.tell(`${log.name} has written nothing yet (${log.folder})\n`);
    for (const line of lines) print(log)(line);
  }
  if (!flags.follow) return;
  await Promise.all(
    shown.map(({ log, cut }) =>
      log.host === undefined
        ? follow(cut.path, cut.length, print(log), stop)
        : followThere(hosts.of(log), cut.path, cut.length, print(log), stop),
    ),
  );
}

/** Whether programs are containers, whose engines keep what they wrote. */
async function shownByEngines(
  hosts: Pick<Hosts, "of">,
  chosen: readonly Log[],
  flags: LogsFlags,
  print: (log: Log) => (line: string) => void,
  stop: AbortSignal,
): Promise<boolean> {
  if (chosen.some((log) => hosts.of(log).log === undefined)) return false;
  const shown = chosen.map((log) => async () => {
    await hosts.of(log).log?.(log.name, flags.lines, print(log), flags.follow ? stop : undefined);
  });
  // One after the other where they end; those that are followed come as they are written.
  if (flags.follow) await Promise.all(shown.map((show) => show()));
  else for (const show of shown) await show();
  return true;
}

/** The last lines, and where whoever follows goes on: no line is lost between, and none comes twice. */
async function shownOf(host: Host, log: Log, count: number): Promise<{ log: Log; lines: readonly string[]; cut: Cut }> {
  const path = currentLog(log.folder, log.kind, log.host);
  if (log.host !== undefined) {
    const { length, lines } = await lastLinesThere(host, path, count);
    return { log, lines, cut: { path, length } };
  }
  const cut = { path, length: await lengthOf(path) };
  return { log, lines: await lastLines(await logFiles(log.folder, log.kind), count, cut), cut };
}

function chosenLogs(topology: Topology, name: string | undefined): readonly Log[] {
  const all = allLogs(topology);
  if (name === undefined) return all;
  const found = all.find((log) => log.name === name);
  if (found !== undefined) return [found];
  const names = all.map((log) => log.name);
  const near = nearest(name, names);
  throw new UserError(
    `stack ${topology.stack} has no ${JSON.stringify(name)}${near === null ? "" : `: did you mean ${near}?`}`,
    {
      code: "no-such-name",
      hint: `there are ${names.join(", ")}`,
    },
  );
}

function allLogs({ dataDir, upstreams, publishers }: Topology): readonly Log[] {
  const log = ({ name, host }: Placed & { readonly name: string }, kind: Log["kind"]): Log => {
    return { name, kind, folder: folderOf(dataDir, name), ...(host === undefined ? {} : { host }) };
  };
  return [
    ...upstreams.map((upstream) => log(upstream, "server")),
    ...publishers.flatMap((publisher) => [log(publisher.dummy, "server"), log(publisher, "publisher")]),
  ];
}
