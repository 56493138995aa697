// What Pulumi hands to a command: JSON on stdin, secrets included, since a command line and an environment can be read by others.

import { text } from "node:stream/consumers";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";

/** A plan and the secret everything in it is derived from. */
export interface Request<Plan> {
  readonly plan: Plan;
  readonly clusterSecret: string;
}

/** An open connection to a server that answers no more would keep the process for ever. */
const lingerMs = 500;

/** Runs one command of Pulumi's: reads the request, prints one line, and ends with natsby's exit code. */
export async function runCommand<Plan>(work: (request: Request<Plan>) => Promise<string>): Promise<void> {
  try {
    const line = await work(JSON.parse(await text(process.stdin)) as Request<Plan>);
    process.stdout.write(`${line}\n`);
  } catch (error) {
    process.exitCode = report(error);
  }
  setTimeout(() => process.exit(), lingerMs).unref();
}

/** Prints an error as the user should see it and names the exit code. */
function report(error: unknown): number {
  if (!(error instanceof UserError)) {
    process.stderr.write(`natsby: a bug: ${error instanceof Error ? error.stack : messageOf(error)}\n`);
    return exitCodes.internal;
  }
  process.stderr.write(`natsby exit ${error.exitCode}: ${error.message}\n`);
  if (error.hint !== undefined) process.stderr.write(`  try: ${error.hint}\n`);
  return error.exitCode;
}
