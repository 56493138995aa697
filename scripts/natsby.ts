// The natsby command line: finds the verb, loads its file, and turns how it ended into an exit code. Does nothing else.

import { buildApplication, buildCommand, buildRouteMap, run, text_en } from "@stricli/core";
import { exitCodes } from "../infra/core/exit-codes.ts";
import { type Entry, table } from "./commands/table.ts";
import { report, type Verb } from "./commands/verb.ts";

/** All verbs for the help and for "did you mean", but only the typed one with its code. */
async function verbsFor(typed: string | undefined): Promise<Record<string, Verb>> {
  const verbs = Object.entries(table).map(async ([name, entry]) => {
    return [name, name === typed ? (await entry.load()).verb : nameOnly(entry)] as const;
  });
  return Object.fromEntries(await Promise.all(verbs));
}

const nameOnly = ({ brief }: Entry): Verb => buildCommand({ docs: { brief }, parameters: {}, func() {} });

async function main(inputs: readonly string[]): Promise<number> {
  const typed = inputs.find((input) => !input.startsWith("-"));
  const help = "natsby --help lists the verbs; natsby <verb> --help shows how one is used.";
  const root = buildRouteMap({
    routes: await verbsFor(typed),
    docs: { brief: "NATS + standby: publishers of which exactly one is heard, and one config value says which." },
  });
  const application = buildApplication(root, {
    name: "natsby",
    scanner: { caseStyle: "allow-kebab-for-camel" },
    documentation: { disableAnsiColor: Boolean(process.env.NO_COLOR) },
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: (args) => `${text_en.noCommandRegisteredForInput(args)}\n${help}`,
        exceptionWhileParsingArguments: (error, color) =>
          `${text_en.exceptionWhileParsingArguments.call(text_en, error, color)}\nnatsby ${typed} --help shows how it is used.`,
      },
    },
  });
  const { stdout, stderr, env } = process;
  const context: { process: { stdout: typeof stdout; stderr: typeof stderr; env: typeof env; exitCode?: number } } = {
    process: { stdout, stderr, env },
  };
  await run(application, inputs, context);
  return exitCodeOf(context.process.exitCode ?? exitCodes.done);
}

/** Stricli's own ends are negative: -4 and -5 are wrong command lines, the rest are bugs. */
function exitCodeOf(code: number): number {
  if (code >= 0) return code;
  return code === -4 || code === -5 ? exitCodes.usage : exitCodes.internal;
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
