// natsby doctor: every tool with its version and source, each host of the stack, what is missing, and what mends it. Changes nothing.

import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import type { Check } from "../../infra/core/host-checks.ts";
import type { HostKeys } from "../../infra/hosts/stack-hosts.ts";
import { type Output, processOutput } from "../render/output.ts";
import { stackFlag } from "../stack.ts";
import { everyTool, type Look, look } from "../toolchain/look.ts";
import { checkMachine } from "../toolchain/machine.ts";
import { cacheDir, projectRoot } from "../toolchain/paths.ts";
import { type Found, isTool, type Source, type Tool } from "../toolchain/tool.ts";
import { type CheckedHost, type CheckParts, checkHosts } from "../verbs/check-hosts.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

const mend = "npm start";

/** What was typed. */
export type DoctorFlags = { readonly json: boolean; readonly stack?: string };

/** What {@link doctor} takes from outside. */
export interface DoctorParts extends CheckParts {
  readonly output: Output;
}

/** The command of the CLI. */
export const verb = defineVerb<DoctorFlags>({
  brief: "List every tool natsby needs, and what mends a missing one",
  details: [
    "Lists every tool: its version, where it came from, and whether it is natsby's stand-in for a piece that could not",
    "be had, then what the machine has. Of a stack with hosts of its own it looks at each of them: whether it is reached,",
    "its rights, systemd, clock, disk and ports; of one on Docker at each engine. Ends with 0 where all is right and with 3",
    "where something is missing.",
  ].join("\n"),
  examples: [
    ["natsby doctor", "A table"],
    ["natsby doctor --json", "The same for programs"],
  ],
  parameters: { flags: { json: jsonFlag, stack: stackFlag }, aliases: { s: "stack" } },
  run: (flags) => doctor(flags),
});

/** Looks at all of it and prints what was seen. */
export async function doctor(flags: DoctorFlags, parts: Partial<DoctorParts> = {}): Promise<ExitCode> {
  const { output = processOutput(), folder = projectRoot, keysOf = sshKeysByPulumi } = parts;
  const found = look();
  const tools = everyTool<Found>(found);
  const checks = checkMachine(!tools.every(isTool));
  const hosts = await checkHosts(flags.stack, { folder, keysOf });
  const all = [...checks, ...hosts.flatMap(({ checks }) => checks)];
  const ok = tools.every(isTool) && all.every((check) => check.ok || !check.needed);
  output.print(flags.json ? inJson(ok, found, checks, hosts) : inTables(ok, tools, checks, hosts));
  return ok ? exitCodes.done : exitCodes.refused;
}

const sshKeysByPulumi = async (stack: string, folder: string): Promise<HostKeys> =>
  (await import("../ssh-keys.ts")).sshKeysOf(stack, folder);

function inJson(ok: boolean, found: Look, checks: readonly Check[], hosts: readonly CheckedHost[]): string {
  const tools = everyTool<Found>(found).map((tool) =>
    isTool(tool) ? { ...tool, ok: true } : { ...tool, ok: false, mend },
  );
  const answer = { schema: 1, ok, tools, checks, hosts, cache: cacheDir(), pulumiHome: found.pulumiHome };
  return `${JSON.stringify(answer, null, 2)}\n`;
}

/** The answer for people, within 80 columns unless a path is longer. */
export function inTables(
  ok: boolean,
  tools: readonly Found[],
  checks: readonly Check[],
  hosts: readonly CheckedHost[],
): string {
  const lines = [
    row("TOOL", "VERSION", "FROM"),
    ...tools.flatMap((tool) => (isTool(tool) ? [toolRow(tool)] : missingRows(tool))),
    "",
    row("MACHINE", "", ""),
    ...checks.flatMap(checkRows),
    "",
    ...hosts.flatMap(({ name, checks }) => [row(`HOST ${name}`, "", ""), ...checks.flatMap(checkRows), ""]),
    ok ? "Everything that natsby needs is there." : "Something is missing: see the lines marked with >.",
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

const row = (name: string, version: string, from: string): string => `${name.padEnd(24)} ${version.padEnd(9)} ${from}`;

const toolRow = (tool: Tool): string => row(tool.name, tool.version, sourceOf(tool));

const sourceOf = ({ standIn, source, path }: Tool): string =>
  standIn ? `STAND-IN, ${sourceWords[source]}` : source === "PATH" ? path : sourceWords[source];

const sourceWords: Readonly<Record<Source, string>> = {
  PATH: "PATH",
  environment: "NATSBY_NATS_SERVER",
  npm: "npm, in node_modules",
  cache: "natsby's cache",
  download: "official download",
  build: "built from Go modules",
  natsby: "part of natsby",
  "pulumi-home": "your own PULUMI_HOME",
  pulumi: "fetched by Pulumi at the first up",
};

function missingRows({ name, version, passed }: Exclude<Found, Tool>): readonly string[] {
  const reasons = passed.flatMap(({ source, reason }) => wrap(`${source}: ${reason}`, "    "));
  return [row(name, "MISSING", `wanted is ${version}`), ...reasons, `  > ${mend}`];
}

function checkRows({ name, ok, needed, text, mend: advice }: Check): readonly string[] {
  const [first = "", ...rest] = wrap(text, " ".repeat(14));
  const state = ok ? "ok" : needed ? "MISSING" : "--";
  const mark = needed ? ">" : "-";
  return [
    `${name.padEnd(10)} ${state.padEnd(7)}${first.slice(13)}`,
    ...rest,
    ...(advice ? [`  ${mark} ${advice}`] : []),
  ];
}

/** Breaks a text at spaces so that it fits; a word longer than a line stays whole. */
function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.replaceAll("\n", " ").split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= 79) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines;
}
