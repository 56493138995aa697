// The section `ssh`: the gap of a flip on four real hosts, and how long `pulumi up` takes, at several distances. Far is a proxy in each
// host's network that delays all that goes to its sshd: this kernel delays nothing by itself.

import { endsWith } from "../support/bounded-run.ts";
import { FarHosts, farPort } from "../support/far-hosts.ts";
import { noHosts } from "../support/hosts.ts";
import { SshStack } from "../support/ssh-stack.ts";
import { type FlipsByPulumi, flipByPulumi, localGaps } from "./flips-by-pulumi.ts";
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
}

const distances = [1, 20, 100];
/** Messages a second: as many as the Perl program sends evenly. */
const rate = 500;
const mostTrips = 4;
/** In seconds, at the first distance. */
const bounds = { flip: 5, nothing: 2.5 };

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
    return { localGapsMs, far };
  },

  targets({ localGapsMs, far }) {
    const local = summarise(localGapsMs).median;
    const gaps = far.map(({ roundTripMs, gapsMs }) => {
      const [bound, { median }] = [local + mostTrips * roundTripMs, summarise(gapsMs)];
      return {
        what: `gap on hosts ${roundTripMs} ms away, median`,
        bound: `that on one machine and ${mostTrips} round trips: ${rounded(bound)} ms`,
        measured: `${rounded(median)} ms`,
        isReached: median <= bound,
      };
    });
    const [near] = far;
    const timed = [
      { command: "with a flip", ms: near?.flipMs ?? [], bound: bounds.flip },
      { command: "nothing to do", ms: near?.nothingMs ?? [], bound: bounds.nothing },
    ].map(({ command, ms, bound }) => ({
      what: `\`pulumi up -f, ${command}\` on four hosts ${distances[0]} ms away, median`,
      bound: `${bound} s`,
      measured: `${rounded(summarise(ms).median / 1_000)} s`,
      isReached: summarise(ms).median <= bound * 1_000,
    }));
    const doubled = sum(far.map((one) => one.doubled));
    const what = `doubled messages in ${sum(far.map(({ flipMs }) => flipMs.length))} flips on hosts`;
    return [...gaps, ...timed, { what, bound: "0", measured: String(doubled), isReached: doubled === 0 }];
  },

  render({ localGapsMs, far }) {
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
    ];
  },

  pictures: () => ({}),
};

/** Publishers at the benchmark's rate, and every host reached by its slow port. */
export async function bringFar(stack: SshStack): Promise<FarHosts> {
  const { hosts, names, project } = stack;
  const far = await FarHosts.of(hosts, names);
  stack.reach(Object.fromEntries(names.map((name) => [name, { port: farPort }])));
  const command = ["/usr/local/bin/publish", "test", String(rate)];
  project.configure({ publishers: ["east", "west"].map((host, at) => ({ name: `publisher${at}`, host, command })) });
  return far;
}
