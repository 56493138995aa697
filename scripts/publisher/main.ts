// Runs the reference publisher: `scripts/run publisher/main`. Ends at SIGTERM or SIGINT, within a second.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { publisherOptions } from "./environment.ts";
import { withLiveSubjects } from "./live-subjects.ts";
import { publish } from "./publish.ts";

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  const given = publisherOptions(process.env);
  const log = (line: string) => console.log(`${new Date().toISOString()} ${given.name}: ${line}`);
  await publish(withLiveSubjects(given, process.env.NATSBY_SUBJECTS_FILE, stop.signal, log), stop.signal, log);
  return exitCodes.done;
}

function failed(error: unknown): number {
  const isUsers = error instanceof UserError;
  console.error(
    isUsers ? `${error.message} ${error.hint ?? ""}` : error instanceof Error ? error.stack : messageOf(error),
  );
  return isUsers ? error.exitCode : exitCodes.internal;
}

main()
  .catch(failed)
  .then((code) => process.exit(code));
