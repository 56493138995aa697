// natsby doctor: every tool with its version and source, what is missing, and what mends it. Changes nothing.

import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { everyTool, type Look, look } from "../toolchain/look.ts";
import { type Check, checkMachine } from "../toolchain/machine.ts";
import { cacheDir } from "../toolchain/paths.ts";
import { type Found, isTool, type Source, type Tool } from "../toolchain/tool.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

const mend = "npm start";

/** The command of the CLI. */
export const verb = defineVerb({
  brief: "List every tool natsby needs, and what mends a missing one",
  details: [
    "Lists every tool: its version, where it came from, and whether it is natsby's stand-in for a piece that could not",
    "be had. Ends with 0 where all is right and with 3 where something is missing. Uses no network.",
  ].join("\n"),
  examples: [
    ["natsby doctor", "A table"],
    ["natsby doctor --json", "The same for programs"],
  ],
  parameters: { flags: { json: jsonFlag } },
  run: doctor,
});

/** Looks at all of it and prints what was seen. */
export async function doctor({ json }: { readonly json: boolean }): Promise<ExitCode> {
  const found = look();
  const tools = everyTool<Found>(found);
  const checks = checkMachine(!tools.every(isTool));
  const ok = tools.every(isTool) && checks.every((check) => check.ok || !check.needed);
  process.stdout.write(json ? inJson(ok, found, checks) : inTables(ok, tools, checks));
  return ok ? exitCodes.done : exitCodes.refused;
}

function inJson(ok: boolean, found: Look, checks: readonly Check[]): string {
  const tools = everyTool<Found>(found).map((tool) =>
    isTool(tool) ? { ...tool, ok: true } : { ...tool, ok: false, mend },
  );
  const answer = { schema: 1, ok, tools, checks, cache: cacheDir(), pulumiHome: found.pulumiHome };
  return `${JSON.stringify(answer, null, 2)}\n`;
}

/** The answer for people, within 80 columns unless a path is longer. */
export function inTables(ok: boolean, tools: readonly Found[], checks: readonly Check[]): string {
  const lines = [
    row("TOOL", "VERSION", "FROM"),
    ...tools.flatMap((tool) => (isTool(tool) ? [toolRow(tool)] : missingRows(tool))),
    "",
    row("MACHINE", "", ""),
    ...checks.flatMap(checkRows),
    "",
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
