// natsby env: the exports that make `pulumi`, `node` and `natsby` the right ones in this shell. Changes no shell itself.

import { UserError } from "../../infra/core/errors.ts";
import { fullEnvironment, lacksLaunchers, missingVariables } from "../toolchain/environment.ts";
import type { Toolchain } from "../toolchain/look.ts";
import { launcherDir, type Variables } from "../toolchain/paths.ts";
import { setUp } from "../toolchain/setup.ts";
import { exportLine, prependLine } from "../toolchain/shell.ts";
import { showProgress } from "../toolchain/show-progress.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** The command of the CLI. */
export const verb = defineVerb({
  brief: "Print the exports that put pulumi, node and natsby on PATH",
  details: [
    "Prints, as shell commands, what this shell lacks so that `pulumi`, `node` and `natsby` are the right ones and know",
    "this project's local backend; nothing that you set yourself is changed. Tools that are missing are brought first.",
  ].join("\n"),
  examples: [
    ['eval "$(npx natsby env)"', "Once a shell, in the project's folder"],
    ["npx natsby env --json", "Every variable, for other programs"],
  ],
  parameters: { flags: { json: jsonFlag } },
  run: env,
});

/** Brings what is missing with its progress on stderr, then prints the exports. */
export async function env({ json }: { readonly json: boolean }): Promise<void> {
  using progress = showProgress(process.stderr);
  try {
    const toolchain = await setUp(progress);
    process.stdout.write(json ? inJson(toolchain, process.env) : exportsFor(toolchain, process.env));
  } catch (error) {
    // What `eval` reads decides how it ends: with nothing to read it would end well.
    if (!json) process.stdout.write(`(exit ${error instanceof UserError ? error.exitCode : 1})\n`);
    throw error;
  }
  if (!json && process.stdout.isTTY) console.error('# To use it in this shell: eval "$(npx natsby env)"');
}

/** The shell commands that this environment still needs; none where it is right already. */
export function exportsFor(toolchain: Toolchain, variables: Variables): string {
  const lines = [
    ...(lacksLaunchers(toolchain, variables) ? [prependLine(launcherDir)] : []),
    ...Object.entries(missingVariables(toolchain, variables)).map(([name, value]) => exportLine(name, value)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

const inJson = (toolchain: Toolchain, variables: Variables): string =>
  `${JSON.stringify({ schema: 1, environment: fullEnvironment(toolchain, variables) }, null, 2)}\n`;
