// natsby pause: for a time nobody else may be heard than now. Repairs go on. Changes nothing that runs.

import { hostname, userInfo } from "node:os";
import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { writePause } from "../../infra/hosts/pause-file.ts";
import { loadStack } from "../stack.ts";
import { lengthOfTime, momentAfter } from "../verbs/end-time.ts";
import { reasonFlag, stackFlag } from "../verbs/flags.ts";
import { defineVerb } from "./verb.ts";

/** What was typed. */
export type PauseFlags = {
  readonly reason: string;
  readonly until?: number;
  readonly for?: number;
  readonly stack?: string;
};

/** The command of the CLI. */
export const verb = defineVerb<PauseFlags>({
  brief: "Refuse every flip for a while: maintenance",
  details: [
    "Until the time named, or `natsby resume`, whatever would change who is heard is refused (3): pulumi up, switchover,",
    "failover. Repairs of what is heard now go on. A second pause replaces the first.",
  ].join("\n"),
  examples: [
    ['natsby pause --for 2h --reason "work on the switches"', "For two hours"],
    ['natsby pause --until 18:00 --reason "trading hours"', "Until six in the evening, here"],
  ],
  parameters: {
    flags: {
      reason: reasonFlag,
      until: {
        kind: "parsed",
        parse: (input: string) => momentAfter(Date.now(), input),
        brief: "End: a moment in RFC 3339, or a time of day",
        placeholder: "time",
        optional: true,
      },
      for: {
        kind: "parsed",
        parse: lengthOfTime,
        brief: "How long: 2h, 90m, 1h30m",
        placeholder: "time",
        optional: true,
      },
      stack: stackFlag,
    },
    aliases: { s: "stack" },
  },
  run: pause,
});

/** Writes the pause. */
async function pause({ reason, until, for: length, stack }: PauseFlags): Promise<void> {
  const end = until ?? (length === undefined ? undefined : Date.now() + length);
  if (end === undefined || (until !== undefined && length !== undefined)) {
    throw new UserError("a pause has one end: --until or --for", { code: "refused", exitCode: exitCodes.usage });
  }
  const { hosts } = await loadStack(stack);
  const record = {
    reason,
    until: new Date(end).toISOString(),
    who: `${userInfo().username}@${hostname()}`,
    at: new Date().toISOString(),
  };
  await writePause(hosts, record);
  process.stdout.write(`paused until ${record.until}: ${reason}\nnext: natsby resume ends it before\n`);
}
