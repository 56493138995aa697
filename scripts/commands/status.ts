// natsby status: what runs, who is heard, and what is wrong with what to type. Changes nothing.

import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { judge } from "../../infra/core/judge.ts";
import { type StatusJson, statusOf } from "../../infra/core/status.ts";
import { observe } from "../../infra/observe/observe.ts";
import { type Output, processOutput } from "../render/output.ts";
import { statusTable } from "../render/status-table.ts";
import { loadStack, stackFlag } from "../stack.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** What was typed. */
export type StatusFlags = {
  readonly json: boolean;
  readonly credentials: boolean;
  readonly stack?: string;
};

/** The command of the CLI. */
export const verb = defineVerb<StatusFlags>({
  brief: "Show what runs, who is heard, and what is wrong",
  details: [
    "Looks at every server and says what that means: ok, degraded, drift, doubled, silent or unknown. What could not be",
    "seen is unknown and never ok. Ends with 0 for ok, else with 2.",
  ].join("\n"),
  examples: [
    ["natsby status", "Tables, and what to type for each problem"],
    ["natsby status --json --credentials", "For programs, with a user that may only subscribe"],
  ],
  parameters: {
    flags: {
      json: jsonFlag,
      credentials: {
        kind: "boolean",
        brief: "Show the user that may subscribe at every upstream",
        default: false,
        withNegated: false,
      },
      stack: stackFlag,
    },
    aliases: { s: "stack" },
  },
  run: (flags) => status(flags),
});

/** Looks once and prints it. */
export async function status(
  flags: StatusFlags,
  output: Output = processOutput(),
  load: typeof loadStack = loadStack,
): Promise<ExitCode> {
  const { topology, deployed, hosts, natsServer } = await load(flags.stack);
  const observation = await observe(topology, { natsServer, hosts, fencedToo: true });
  const seen = statusOf(topology, observation, judge(topology, observation, deployed));
  const answer = flags.credentials ? await withSubscriber(seen) : seen;
  output.print(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : inWords(answer, output));
  return answer.verdict === "ok" ? exitCodes.done : exitCodes.drift;
}

function inWords(answer: StatusJson, { paint }: Output): string {
  const { subscriber } = answer;
  const credentials = subscriber && `\nSUBSCRIBER  user ${subscriber.user}  password ${subscriber.password}\n`;
  return `${statusTable(answer, paint)}${credentials ?? ""}`;
}

/** Only here, since it takes Pulumi to read the secret. */
async function withSubscriber(seen: StatusJson): Promise<StatusJson> {
  const [{ clusterSecretOf }, { subscriberPassword, userOf, users }] = await Promise.all([
    import("../cluster-secret.ts"),
    import("../../infra/core/secrets.ts"),
  ]);
  const secret = await clusterSecretOf(seen.stack);
  const user = userOf(secret, users.subscriber);
  return { ...seen, subscriber: { user, password: subscriberPassword(secret) } };
}
