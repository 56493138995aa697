// natsby verify: listens at every upstream as a plain subscriber does, and counts what comes. Publishes nothing, changes nothing.

import { setTimeout as sleep } from "node:timers/promises";
import type { Numbered } from "../../infra/core/clocks.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { dummyPlan, upstreamPlan } from "../../infra/core/plan.ts";
import { type ClusterSecret, users } from "../../infra/core/secrets.ts";
import { readStamp } from "../../infra/core/stamp.ts";
import { Tally } from "../../infra/core/tally.ts";
import type { Publisher, Topology, Upstream } from "../../infra/core/topology.ts";
import { type Listened, type Own, verificationOf } from "../../infra/core/verification.ts";
import type { Hosts } from "../../infra/hosts/hosts.ts";
import { Listener } from "../../infra/observe/listener.ts";
import { withLogin } from "../../infra/observe/log-in.ts";
import { type Msg, natsProblem } from "../../infra/observe/nats.ts";
import { Tap } from "../../infra/observe/tap.ts";
import { clusterSecretOf } from "../cluster-secret.ts";
import { type Output, processOutput } from "../render/output.ts";
import { verifyTable } from "../render/verify-table.ts";
import { loadStack, stackFlag } from "../stack.ts";
import { secondsFlag } from "./flags.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** What was typed. */
export type VerifyFlags = {
  readonly json: boolean;
  readonly seconds: number;
  readonly stack?: string;
};

/** The command of the CLI. */
export const verb = defineVerb<VerifyFlags>({
  brief: "Listen at every upstream and count what is heard, doubled and missing",
  details: [
    "Subscribes at every upstream and counts, publisher by publisher. Ends with 2 where a message came twice, where two",
    "publishers were heard at once, where the active one was silent, or where nobody could listen; else with 0.",
  ].join("\n"),
  examples: [
    ["natsby verify", "For three seconds"],
    ["natsby verify --seconds 60 --json", "For a minute, answered in JSON"],
  ],
  parameters: { flags: { json: jsonFlag, seconds: secondsFlag("3"), stack: stackFlag }, aliases: { s: "stack" } },
  run: (flags) => verify(flags),
});

/** What {@link verify} takes from outside. */
export interface VerifyParts {
  readonly output?: Output;
  readonly load?: typeof loadStack;
  readonly secretOf?: typeof clusterSecretOf;
}

/** Listens, counts, prints. */
export async function verify(flags: VerifyFlags, parts: VerifyParts = {}): Promise<ExitCode> {
  const { output = processOutput(), load = loadStack, secretOf = clusterSecretOf } = parts;
  const { topology, deployed, hosts } = await load(flags.stack);
  const active = deployed.deployedActive ?? topology.activePublisher;
  const clusterSecret = await secretOf(topology.stack);
  if (!flags.json) output.tell(`listening at ${topology.upstreams.length} upstreams for ${flags.seconds} s …\n`);
  const [listened, own] = await Promise.all([
    Promise.all(topology.upstreams.map((upstream) => listenAt(hosts, topology, upstream, clusterSecret, flags))),
    ownOf(hosts, topology, clusterSecret, flags),
  ]);
  const answer = verificationOf(topology, listened, { active, seconds: flags.seconds, now: performance.now(), own });
  output.print(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : verifyTable(answer, output.paint));
  return answer.ok ? exitCodes.done : exitCodes.drift;
}

async function listenAt(
  hosts: Hosts,
  topology: Topology,
  upstream: Upstream,
  clusterSecret: ClusterSecret,
  { seconds }: VerifyFlags,
): Promise<Listened> {
  const { subjects, publishers, timeouts } = topology;
  const dense = publishers.every(({ command }) => command === null);
  let tally: Tally | null = null;
  try {
    const hear = (message: Msg) => tally?.hear(heardOf(topology, message));
    await using listener = await withLogin(
      hosts.of(upstream),
      upstreamPlan(topology, upstream),
      clusterSecret,
      users.subscriber,
      (login) => Listener.open({ ...login, subjects, timeoutMs: timeouts.connect }, hear),
    );
    tally = new Tally(performance.now(), dense);
    await sleep(seconds * 1_000);
    const { lost } = listener;
    return { upstream: upstream.name, tally: lost === null ? tally : null, reason: lost };
  } catch (error) {
    return { upstream: upstream.name, tally: null, reason: natsProblem(error) };
  }
}

/** What each publisher gives at its own dummy: by that its clock is known, and whether it repeats itself. Hosts that were given up are not asked. */
async function ownOf(
  hosts: Hosts,
  topology: Topology,
  clusterSecret: ClusterSecret,
  { seconds }: VerifyFlags,
): Promise<Own> {
  const { fenced, publishers, subjects, stamp, timeouts } = topology;
  const asked = publishers.filter(({ name }) => !fenced.includes(name));
  const all = asked.map(async (publisher) => {
    const heard = await tapped(publisher).catch(() => null);
    return [publisher.name, heard] as const;
  });
  return new Map(await Promise.all(all));

  async function tapped(publisher: Publisher): Promise<readonly Numbered[]> {
    await using tap = await withLogin(
      hosts.of(publisher.dummy),
      dummyPlan(topology, publisher),
      clusterSecret,
      users.probe,
      (login) => Tap.open({ ...login, subjects, stamp, timeoutMs: timeouts.connect }),
    );
    await sleep(seconds * 1_000);
    return tap.heard;
  }
}

function heardOf({ stamp }: Topology, message: Msg) {
  const payload = message.string();
  return {
    subject: message.subject,
    publisher: publisherIn(payload),
    stamp: readStamp(stamp, { header: (name) => message.headers?.get(name), payload: () => payload }),
    at: performance.now(),
  };
}

/** The reference publisher names itself in every message; a program of the user's may do the same. */
function publisherIn(payload: string): string | null {
  try {
    const { publisher } = JSON.parse(payload) as { publisher?: unknown };
    return typeof publisher === "string" && publisher.length <= 100 ? publisher : null;
  } catch {
    return null;
  }
}
