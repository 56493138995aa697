// natsby hosts scan: the key that each host of a stack shows, for a person to compare; what was confirmed goes into the config.

import { createInterface } from "node:readline/promises";
import { UserError } from "../../infra/core/errors.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { editInStackConfig } from "../../infra/core/stack-config-edit.ts";
import type { HostKeys } from "../../infra/hosts/stack-hosts.ts";
import { type Output, processOutput } from "../render/output.ts";
import { scanJson, scanLines } from "../render/scan-lines.ts";
import { stackFlag, stackNamed } from "../stack.ts";
import { configPath, configText } from "../stack-config-file.ts";
import { projectRoot } from "../toolchain/paths.ts";
import { hostsToScan, type Scanned, scanHosts } from "../verbs/scan-hosts.ts";
import { replaceFile } from "../verbs/stack-file.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** What was typed. */
export type HostsFlags = { readonly json: boolean; readonly yes: boolean; readonly stack?: string };

/** The command of the CLI. */
export const verb = defineVerb<HostsFlags, string[]>({
  brief: "Show the keys of a stack's hosts, and write them into its config",
  details: [
    "`scan` asks each host in `hosts` of the config for its key, or those that are named, and shows its fingerprint. Compare",
    "it with what the host says of itself, at its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    "After a yes it is written as the host's `hostKey`: from then on nobody else is taken for this host. A key that differs",
    "from the config's is only written for a host that is named.",
  ].join("\n"),
  examples: [
    ["natsby hosts scan", "Every host; asks before it writes"],
    ["natsby hosts scan web1 --yes", "A host that was set up anew, compared before"],
    ["natsby hosts scan --json", "For programs; writes nothing without --yes"],
  ],
  parameters: {
    flags: {
      json: jsonFlag,
      yes: { kind: "boolean", brief: "Write without asking: they were compared", default: false, withNegated: false },
      stack: stackFlag,
    },
    positional: { kind: "array", parameter: { brief: "scan, and hosts", parse: String, placeholder: "scan" } },
    aliases: { s: "stack" },
  },
  run: (flags, ...words) => hosts(flags, words),
});

/** What {@link hosts} takes from outside. */
export interface HostsParts {
  readonly output?: Output;
  readonly folder?: string;
  /** To log in to a jump host. */
  readonly keysOf?: (stack: string, folder: string) => Promise<HostKeys>;
  /** Null where nobody can be asked. */
  readonly confirm?: ((question: string) => Promise<boolean>) | null;
}

/** Scans. */
export async function hosts(
  flags: HostsFlags,
  [what, ...names]: readonly string[],
  parts: HostsParts = {},
): Promise<ExitCode> {
  if (what !== "scan") {
    const problem = what === undefined ? "natsby hosts: what?" : `natsby hosts: there is no ${JSON.stringify(what)}`;
    throw new UserError(problem, { exitCode: exitCodes.usage, hint: "natsby hosts scan" });
  }
  const { output = processOutput(), folder = projectRoot, keysOf = keysByPulumi, confirm = askOnTerminal() } = parts;
  const name = await stackNamed(flags.stack, folder);
  const [path, text] = [configPath(name.stack, folder), await configText(name.stack, folder)];
  const entries = hostsToScan(name, text);
  const scanned = await scanHosts(entries, names, () => keysOf(name.stack, folder));
  const wanted = scanned.filter(({ state }) => state === "new" || (state === "changed" && names.length > 0));
  output.print(flags.json ? scanJson(name.stack, scanned) : scanLines(scanned, names.length > 0));
  const failed = scanned.some(({ state }) => state === "unknown");
  if (wanted.length === 0) return ended(scanned, flags, output);
  if (!flags.yes) {
    if (flags.json) return failed ? exitCodes.refused : exitCodes.done;
    if (!(await confirmed(confirm, wanted))) return exitCodes.refused;
  }
  const edited = wanted.reduce(
    (now, host) => editInStackConfig(now, name.project, ["hosts", host.name, "hostKey"], host.key ?? ""),
    text,
  );
  await replaceFile({ path, project: name.project, text }, edited);
  if (!flags.json)
    output.tell(`written into stacks/Pulumi.${name.stack}.yaml: ${wanted.map(({ name }) => name).join(", ")}\n`);
  return failed ? exitCodes.incomplete : exitCodes.done;
}

function ended(scanned: readonly Scanned[], { json }: HostsFlags, output: Output): ExitCode {
  const isSame = scanned.every(({ state }) => state === "same");
  if (isSame && !json) output.tell("already: the config has these keys\n");
  return isSame ? exitCodes.done : exitCodes.refused;
}

async function confirmed(confirm: HostsParts["confirm"], wanted: readonly Scanned[]): Promise<boolean> {
  const names = wanted.map(({ name }) => name).join(", ");
  if (confirm) return confirm(`Are these the hosts' own keys? Write those of ${names}? (yes/no) `);
  throw new UserError(`the keys of ${names} are not in the config, and there is no terminal to ask on`, {
    hint: "compare the fingerprints with the hosts' own, then: natsby hosts scan --yes",
  });
}

function askOnTerminal(): HostsParts["confirm"] {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await terminal.question(question);
    terminal.close();
    return answer.trim().toLowerCase() === "yes";
  };
}

const keysByPulumi = async (stack: string, folder: string): Promise<HostKeys> =>
  (await import("../ssh-keys.ts")).sshKeysOf(stack, folder);
