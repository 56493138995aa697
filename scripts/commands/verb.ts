// What every verb of the CLI is made of: its help with examples, and one way to end. Knows no verb by itself.

import {
  type BaseArgs,
  type BaseFlags,
  buildCommand,
  type Command,
  type CommandContext,
  type TypedCommandParameters,
} from "@stricli/core";
import { UserError } from "../../infra/core/errors.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { closeHosts } from "../opened-hosts.ts";

/** A command line that works as typed, and what it does. */
export type Example = readonly [command: string, does: string];

/** What a verb's file gives to {@link defineVerb}. */
export interface VerbDefinition<FLAGS extends BaseFlags, ARGS extends BaseArgs> {
  /** One line for the list of verbs. */
  readonly brief: string;
  /** What `--help` says below it. @default nothing */
  readonly details?: string;
  readonly examples: readonly Example[];
  readonly parameters: NoInfer<TypedCommandParameters<FLAGS, ARGS, CommandContext>>;
  /** Does it: the answer on stdout, the story on stderr. Resolves with the exit code. @default 0 */
  // biome-ignore lint/suspicious/noConfusingVoidType: a verb that has nothing to say about its end returns nothing.
  run(flags: FLAGS, ...args: ARGS): Promise<ExitCode | void>;
}

/** A command as the CLI's table takes it. */
export type Verb = Command<CommandContext>;

/** The flag of every verb that has a contract for programs. */
export const jsonFlag = {
  kind: "boolean",
  brief: "Answer in JSON, for programs",
  default: false,
  withNegated: false,
} as const;

/** Makes a verb: usage, details and examples in its help, and errors that end as docs/problems.md says. */
export function defineVerb<const FLAGS extends BaseFlags, const ARGS extends BaseArgs = []>(
  definition: VerbDefinition<FLAGS, ARGS>,
): Verb {
  const { brief, details, examples, parameters, run } = definition;
  const shown = examples.flatMap(([command, does]) => [`  ${command}`, `      ${does}`]);
  return buildCommand<FLAGS, ARGS, CommandContext>({
    docs: { brief, fullDescription: [details ?? brief, "", "Examples:", ...shown].join("\n") },
    parameters,
    async func(flags, ...args) {
      (this.process as { exitCode?: number }).exitCode = await endOf(() => run(flags, ...args));
    },
  });
}

// biome-ignore lint/suspicious/noConfusingVoidType: as in VerbDefinition.
async function endOf(run: () => Promise<ExitCode | void>): Promise<ExitCode> {
  try {
    return (await run()) ?? exitCodes.done;
  } catch (error) {
    return report(error);
  } finally {
    await closeHosts();
  }
}

/** Says what ended a command: problem and hint for what the user can mend, the stack for a bug. */
export function report(error: unknown): ExitCode {
  if (!(error instanceof UserError)) {
    console.error("natsby: this is a bug in natsby:");
    console.error(error);
    return exitCodes.internal;
  }
  console.error(`natsby: ${error.message}`);
  if (error.hint) console.error(`  ${error.hint}`);
  if (error.code !== "refused") console.error(`  see: docs/problems.md, ${error.code}`);
  return error.exitCode;
}
