// Faults of whole hosts, with real ones over SSH: frozen, cut off in one direction, without power, on a road that loses most, with a
// full disk, with a clock of its own. Whoever is given up is not heard again, whatever becomes of its host.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { noHosts, operator } from "../support/hosts.ts";
import { patient } from "../support/project.ts";
import { publishersOn, SshStack } from "../support/ssh-stack.ts";
import { runWhile } from "../support/stopped-cutover.ts";
import { until } from "../support/until.ts";
import { hostFolder, WatchedSsh } from "../support/watched-ssh.ts";

/** Of an answer of a host; whatever is told within the bounds is told in a few of it. */
const hostMs = 4_000;
const toldWithinMs = 20_000;

describe("a whole host", { skip: noHosts() ?? false }, () => {
  let watched: WatchedSsh;
  let active = "publisher0";
  before(async () => {
    watched = new WatchedSsh(await SshStack.prepare());
    const { hosts, project } = watched;
    for (const host of places)
      await hosts.within(
        host,
        "sh",
        "-c",
        `mkdir -p ${clock.folder}; cat >${clock.folder}/Clock.pm <<'E'\n${clock.module}\nE`,
      );
    project.configure({
      publishers: publishersOn(places, { environment: { PERL5OPT: `-I${clock.folder} -MClock` } }),
      timeouts: { ...patient.timeouts, host: hostMs },
    });
    await endsWith(0, project.up());
    await watched.listen();
    await watched.audit("publisher0");
  });
  after(() => watched?.[Symbol.asyncDispose]());

  const other = () => (active === "publisher0" ? "publisher1" : "publisher0");

  /** The active one is given up; its host is well again, and it is heard at no time; then it is taken back. */
  async function givenUp(heal: () => Promise<void>): Promise<void> {
    const [old, next] = [active, other()];
    const { outcome, after, fenced } = await watched.flip(0, "failover", "--to", next, "--reason", "a fault");
    assert.deepEqual([outcome, after, fenced], ["done", next, [old]]);
    active = next;
    await watched.witness.hears(next);
    await watched.nothingDoubled();
    await heal();
    await until(
      "it is seen back, and kept out",
      async () => (await watched.project.status()).problems.some(({ code }) => code === "fenced-back"),
      30_000,
    );
    for (const { heard, server } of await watched.nothingDoubled())
      assert.deepEqual(Object.keys(heard), [next], server);
    const { outcome: back } = await watched.flip(0, "rejoin", old, "--reason", "it is well");
    assert.equal(back, "done");
    await watched.audit(next);
  }

  /** What status says of it, in time, and that a plain flip away from it is refused. */
  async function shown(): Promise<readonly string[]> {
    const began = performance.now();
    const { verdict, problems } = await watched.project.status();
    assert.ok(performance.now() - began < toldWithinMs, `told after ${performance.now() - began} ms`);
    assert.notEqual(verdict, "ok");
    return problems.map(({ code, about }) => `${code} ${about}`);
  }

  test("stands still: unknown, a plain flip is refused, another takes over, and it pours out nothing when it thaws", async () => {
    const { hosts } = watched;
    const host = placeOf(active);
    await hosts.freeze(host);
    console.log(await shown());
    const { ran } = await watched.flip(3, "switchover", "--to", other());
    console.log(ran.output);
    await givenUp(() => hosts.thaw(host));
  });

  for (const [how, from, to] of [
    ["its upstreams do not hear it", dummyHost, upstreamHosts],
    ["it does not hear its upstreams", upstreamHosts, dummyHost],
    ["it does not hear whoever types", () => [operator], dummyHost],
  ] as const) {
    test(`is cut off in one direction, ${how}: said, another takes over, and nobody else is heard when it heals`, async () => {
      const { hosts } = watched;
      for (const one of from()) for (const other of to()) await hosts.deafen(one, other);
      console.log(how, await shown());
      await givenUp(() => hosts.heal());
    });
  }

  test("loses its power and is given up: it boots with the role that it had, and is kept out", async () => {
    const { hosts } = watched;
    const host = placeOf(active);
    await hosts.powerOff(host);
    console.log(await shown());
    await givenUp(() => hosts.powerOn(host));
  });

  test("loses its power between DETACH and ATTACH, the target on it: rolled back, and the old one is heard again", async () => {
    const { hosts, project } = watched;
    const host = placeOf(other());
    const words = ["switchover", "--to", other(), "--json"];
    const ran = await runWhile(project, words, "before:attach", () => hosts.powerOff(host));
    console.log(ran.code, ran.output);
    assert.equal(ran.code, 6, ran.output);
    await watched.witness.hears(active);
    await hosts.powerOn(host);
    await watched.audit(active);
  });

  test("loses its power between DETACH and ATTACH, the old one on it: the flip is done, and it comes back detached", async () => {
    const { hosts, project } = watched;
    const host = placeOf(active);
    const words = ["switchover", "--to", other(), "--json"];
    const ran = await runWhile(project, words, "before:attach", () => hosts.powerOff(host));
    console.log(ran.code, ran.output);
    assert.ok([0, 6].includes(ran.code ?? -1), ran.output);
    active = other();
    await watched.witness.hears(active);
    await hosts.powerOn(host);
    await endsWith(0, project.up());
    await watched.audit(active);
  });

  test("is on a road that loses most of what is sent: each verb ends in time, and what it says is so", async () => {
    const { hosts, project } = watched;
    await hosts.lose(0.5, placeOf(other()), operator);
    const began = performance.now();
    console.log((await project.status()).problems.map(({ text }) => text));
    console.log(performance.now() - began);
    const ran = await project.natsby(["switchover", "--to", other(), "--json"], { withinMs: 90_000 });
    console.log(ran.code, ran.ms, ran.output);
    const { after } = JSON.parse(ran.stdout || "{}") as { after?: string | null };
    if (after === other()) active = other();
    await hosts.heal();
    await endsWith(0, project.up());
    await watched.audit(active);
  });

  test("has a full disk: a standby there is refused and nothing changed; of the active one there the fence is offered", async () => {
    const { hosts } = watched;
    for (const [name, words] of [
      [other(), /full|space/],
      [active, /full|space/],
    ] as const) {
      const empty = await fullDisk(placeOf(name));
      const { ran } = await watched.flip(3, "switchover", "--to", other());
      console.log(name, ran.output);
      assert.match(ran.output, words);
      await empty();
    }
    void hosts;
    for (const { server, lost } of await watched.audit(active)) assert.equal(lost, 0, server);
  });

  /** Lays a small full disk over everything of the stack there, which stays as it is below. */
  async function fullDisk(host: string): Promise<() => Promise<unknown>> {
    const sh = (script: string) => watched.hosts.within(host, "sh", "-e", "-c", script);
    await sh(`mkdir -p /mnt/small; mount -t tmpfs -o size=48m,mode=0700 none /mnt/small
      cp -a ${hostFolder}/. /mnt/small/; dd if=/dev/zero of=/mnt/small/filler bs=4k 2>/dev/null || :
      mount --bind /mnt/small ${hostFolder}; ! echo x >${hostFolder}/try`);
    return () => sh(`umount ${hostFolder}; umount /mnt/small`);
  }

  test("has a clock 200 ms ahead: told beside the gap, nothing is doubled", async () => {
    const { hosts } = watched;
    const to = other();
    await hosts.within(placeOf(to), "sh", "-c", `echo 0.2 >${clock.file}`);
    const { upstreams, after } = await watched.flip(0, "switchover", "--to", to);
    console.log(upstreams);
    assert.equal(after, to);
    active = to;
    await watched.nothingDoubled();
    for (const { clockMs, doubled } of upstreams) {
      assert.equal(doubled, 0);
      assert.ok(Math.abs((clockMs ?? 0) + 200) < 60, `measured ${clockMs} ms`);
    }
    await hosts.within(placeOf(to), "rm", clock.file);
    await watched.audit(active);
  });

  function dummyHost(): readonly string[] {
    return [placeOf(active)];
  }
});

const places = ["east", "west"];
const upstreamHosts = () => ["north", "south"];
const placeOf = (publisher: string): string => places[Number(publisher.at(-1))] ?? assert.fail(publisher);

/** The clock of a host is this machine's: what a publisher there asks for it is off by so many seconds as a file says. */
const clock = {
  folder: "/usr/local/lib/clock",
  file: "/run/clock-off",
  module: `package Clock;
use Time::HiRes;
my $now = \\&Time::HiRes::time;
no warnings 'redefine';
*Time::HiRes::time = sub { my $off = 0; if (open my $file, '<', '/run/clock-off') { $off = <$file> // 0 } return $now->() + $off };
1;`,
};
