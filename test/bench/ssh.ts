// The section `ssh`: the gap of a flip on four real hosts, and how long `pulumi up` takes, at several distances. Far is a proxy in each
// host's network that delays all that goes to its sshd: this kernel delays nothing by itself.

import { endsWith } from "../support/bounded-run.ts";
import { FarHosts, farPort } from "../support/far-hosts.ts";
import { noHosts, operator } from "../support/hosts.ts";
import { patient } from "../support/project.ts";
import { SshStack } from "../support/ssh-stack.ts";
import { type FlipsByPulumi, flipByPulumi, localGaps, timed, up, withinMs } from "./flips-by-pulumi.ts";
import { type Section, table } from "./section.ts";
import { rounded, sum, summarise } from "./statistics.ts";

/** What was seen at one distance. */
interface Far extends FlipsByPulumi {
  readonly roundTripMs: number;
}

/** What was measured. */
export interface SshData {
  /** Gaps of a stack that is on this machine whole, with its publishers at the same rate. */
  readonly localGapsMs: readonly number[];
  readonly far: readonly Far[];
  /** A flip that is refused, since the active publisher's host says nothing to the operator. */
  readonly refusedMs: readonly number[];
}

const distances = [0, 1, 20, 100];
/** Messages a second: as many as the Perl program sends evenly. */
const rate = 500;
const mostTrips = 4;
/** Seconds, 1 ms away. */
const bounds = { flip: 5, nothing: 2.5 };
/** Seconds: `timeouts.host` is 10, and what `up` and another look at the host take. */
const refusedBound = 15;
const refusals = 3;

export const ssh: Section<SshData> = {
  name: "ssh",
  title: "Hosts of their own",

  async measure(scale, say) {
    const hindrance = noHosts();
    if (hindrance !== null) throw new Error(`hosts cannot be made here: ${hindrance}`);
    const flips = scale.flips(10);
    const localGapsMs = await localGaps(rate, "on one machine", flips, say);
    await using stack = await SshStack.prepare();
    await using road = await bringFar(stack);
    await endsWith(0, stack.project.up());
    await using witness = await stack.project.witness();
    await witness.hears("publisher0", 20_000);
    const far: Far[] = [];
    for (const roundTripMs of distances) {
      road.roundTrip(roundTripMs);
      far.push({ roundTripMs, ...(await flipByPulumi(stack.project, witness, flips, say)) });
    }
    road.roundTrip(0);
    return { localGapsMs, far, refusedMs: await refuse(stack, Math.min(refusals, flips), say) };
  },

  targets({ localGapsMs, far, refusedMs }) {
    const local = summarise(localGapsMs).median;
    const away = far.filter(({ roundTripMs }) => roundTripMs > 0);
    const gaps = away.map(({ roundTripMs, gapsMs }) => {
      const [bound, { median }] = [local + mostTrips * roundTripMs, summarise(gapsMs)];
      return {
        what: `gap on hosts ${roundTripMs} ms away, median`,
        bound: `that on one machine and ${mostTrips} round trips: ${rounded(bound)} ms`,
        measured: `${rounded(median)} ms`,
        isReached: median <= bound,
      };
    });
    const [near] = away;
    const commands = [
      { command: "with a flip", ms: near?.flipMs ?? [], bound: bounds.flip },
      { command: "nothing to do", ms: near?.nothingMs ?? [], bound: bounds.nothing },
    ].map(({ command, ms, bound }) => ({
      what: `\`pulumi up -f, ${command}\` on four hosts ${near?.roundTripMs} ms away, median`,
      bound: `${bound} s`,
      measured: `${rounded(summarise(ms).median / 1_000)} s`,
      isReached: summarise(ms).median <= bound * 1_000,
    }));
    const doubled = sum(far.map((one) => one.doubled));
    const what = `doubled messages in ${sum(far.map(({ flipMs }) => flipMs.length))} flips on hosts`;
    const refused = summarise(refusedMs).max / 1_000;
    return [
      ...gaps,
      ...commands,
      {
        what: "`pulumi up -f, with a flip` refused, the active publisher's host silent, maximum",
        bound: `${refusedBound} s`,
        measured: `${rounded(refused)} s`,
        isReached: refused <= refusedBound,
      },
      { what, bound: "0", measured: String(doubled), isReached: doubled === 0 },
    ];
  },

  render({ localGapsMs, far, refusedMs }) {
    const rows = far.map(({ roundTripMs, gapsMs, flipMs, nothingMs, doubled }) => {
      const { median, p95, max } = summarise(gapsMs);
      const [flip, nothing] = [flipMs, nothingMs].map((ms) => rounded(summarise(ms).median / 1_000));
      return [
        `${roundTripMs} ms`,
        String(flipMs.length),
        ...[median, p95, max].map(rounded),
        String(doubled),
        `${flip} s`,
        `${nothing} s`,
      ];
    });
    const local = summarise(localGapsMs);
    return [
      `Four Debian systems with systemd in containers of this machine, publishers in Perl at ${rate} messages a second, flips by`,
      "`pulumi up -f`. All of natsby's connections go through a proxy on each host that delays them; the hosts among themselves,",
      "and their subscribers, are as near as they are. Gaps in milliseconds, one a flip and upstream, seen by a raw",
      `socket. On one machine, at the same rate, in the same run: median ${rounded(local.median)}, p95 ${rounded(local.p95)}, max ${rounded(local.max)}.`,
      "",
      ...table(
        ["round trip", "flips", "gap, median", "p95", "max", "doubled", "up with a flip", "up, nothing to do"],
        rows,
      ),
      "",
      "At 0 ms nothing is held back: what a gap there is longer than on one machine is the work of SSH and of four systems that share",
      "this machine's cores with natsby and whoever listens. Then the active publisher's host is cut off from the operator alone, and",
      `a flip is refused after ${refusedMs.map((ms) => rounded(ms / 1_000)).join(", ")} s (\`timeouts.host\` is 10 s).`,
    ];
  },

  pictures: () => ({}),
};

/** Publishers at the benchmark's rate, and every host reached by its slow port. */
async function bringFar(stack: SshStack): Promise<FarHosts> {
  const { hosts, names, project } = stack;
  const far = await FarHosts.of(hosts, names);
  stack.reach(Object.fromEntries(names.map((name) => [name, { port: farPort }])));
  const command = ["/usr/local/bin/publish", "test", String(rate)];
  project.configure({ publishers: ["east", "west"].map((host, at) => ({ name: `publisher${at}`, host, command })) });
  return far;
}

/** In milliseconds. Whoever was silent just before is waited for shortly: between the tries it is reached again. */
async function refuse(stack: SshStack, times: number, say: (line: string) => void): Promise<readonly number[]> {
  const { project, hosts } = stack;
  project.configure({ timeouts: { ...patient.timeouts } });
  await endsWith(0, project.up());
  const { activePublisher } = await project.status();
  const [cutOff, other] = activePublisher === "publisher0" ? ["east", "publisher1"] : ["west", "publisher0"];
  const env = await project.tools();
  const refusedMs: number[] = [];
  for (let round = 0; round < times; round++) {
    await hosts.cut(operator, cutOff);
    project.configure({ activePublisher: other });
    refusedMs.push(await timed(endsWith(1, project.run(up, { env, withinMs }))));
    say(`${round + 1} of ${times}: refused after ${rounded((refusedMs.at(-1) ?? 0) / 1_000)} s`);
    project.configure({ activePublisher });
    await hosts.heal();
    await endsWith(0, project.up());
  }
  return refusedMs;
}
