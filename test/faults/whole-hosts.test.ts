// Faults of whole hosts, with real ones over SSH: frozen, cut off in one direction, without power, on a road that loses much, with a
// full disk, with a clock of its own. Whoever is given up is not heard again, whatever becomes of its host.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { FlipResult } from "../../infra/core/flip-result.ts";
import { endsWith } from "../support/bounded-run.ts";
import { noHosts, operator } from "../support/hosts.ts";
import { patient } from "../support/project.ts";
import { publishersOn, SshStack } from "../support/ssh-stack.ts";
import { runWhile } from "../support/stopped-cutover.ts";
import { until } from "../support/until.ts";
import { hostFolder, WatchedSsh } from "../support/watched-ssh.ts";

/** Of an answer of a host. */
const hostMs = 4_000;
/** Whatever is typed has ended by then, on a busy machine too. */
const verbMs = 60_000;

const places = ["east", "west"];
const placeOf = (publisher: string): string => places[Number(publisher.at(-1))] ?? assert.fail(publisher);

/** The clock of a host is this machine's: what a publisher there asks for it is off by so many seconds as a file says. */
const clock = {
  folder: "/usr/local/lib/clock",
  file: "/run/clock-off",
  module: `package Clock;
use Time::HiRes;
my $now = \\&Time::HiRes::time;
no warnings "redefine";
*Time::HiRes::time = sub { my $off = 0; if (open my $file, "<", "/run/clock-off") { $off = <$file> // 0 } return $now->() + $off };
1;`,
};

describe("a whole host", { skip: noHosts() ?? false }, () => {
  let watched: WatchedSsh;
  let active = "publisher0";
  before(async () => {
    watched = new WatchedSsh(await SshStack.prepare());
    const { project } = watched;
    const bring = `mkdir -p ${clock.folder}; cat >${clock.folder}/Clock.pm <<'END'\n${clock.module}\nEND\n`;
    for (const host of places) await sh(host, bring);
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
  const sh = (host: string, script: string): Promise<string> => watched.hosts.within(host, "sh", "-e", "-c", script);

  /** What status says, in time: not all is well, and nothing is claimed of what nobody could look at. */
  async function shown(code: string): Promise<void> {
    const ran = await watched.project.natsby(["status"], { withinMs: verbMs });
    assert.equal(ran.code, 2, ran.output);
    assert.match(ran.stdout, new RegExp(`\\[${code}\\]`));
    assert.doesNotMatch(ran.stdout, /publisher\d does not run/);
  }

  /** The servers list a link until they miss its answers: that nothing comes over it is heard at once. */
  async function isNotHeard(): Promise<void> {
    await until(
      "verify says so",
      async () => {
        const ran = await watched.project.natsby(["verify", "--seconds", "1"], { withinMs: verbMs });
        return ran.code === 2 && /nothing of it was heard/.test(ran.stdout + ran.stderr);
      },
      verbMs,
    );
  }

  /** The active one is given up; its host is well again, and it is heard at no time; then it is taken back. */
  async function givenUp(heal: () => Promise<void>): Promise<void> {
    const [old, next] = [active, other()];
    const { outcome, after, fenced } = await watched.flip(0, "failover", "--to", next, "--reason", "a fault");
    assert.deepEqual([outcome, after, fenced], ["done", next, [old]]);
    active = next;
    await watched.witness.hears(next);
    await watched.nothingDoubled();
    await heal();
    const isBack = async () => (await watched.project.status()).problems.some(({ code }) => code === "fenced-back");
    await until("it is seen back, and kept out", isBack, verbMs);
    for (const { heard, server } of await watched.nothingDoubled())
      assert.deepEqual(Object.keys(heard), [next], server);
    await watched.flip(0, "rejoin", old, "--reason", "it is well");
    await watched.isHeardAlone(next);
    await watched.nothingDoubled();
  }

  test("stands still: unknown, a plain flip is refused, another takes over, and it pours out nothing when it thaws", async () => {
    const { hosts } = watched;
    const host = placeOf(active);
    await hosts.freeze(host);
    await shown("server-unknown");
    const { ran } = await watched.flip(3, "switchover", "--to", other());
    assert.match(ran.output, /does not answer: a planned flip needs both sides\n.*natsby failover/);
    await givenUp(() => hosts.thaw(host));
  });

  test("is not heard by its upstreams, and hears them: told, another takes over, and nobody else is heard when it heals", async () => {
    const { hosts } = watched;
    for (const upstream of ["north", "south"]) await hosts.deafen(placeOf(active), upstream);
    await isNotHeard();
    await givenUp(() => hosts.heal());
  });

  test("does not hear its upstreams, and they hear it: told, another takes over, and nobody else is heard when it heals", async () => {
    const { hosts } = watched;
    for (const upstream of ["north", "south"]) await hosts.deafen(upstream, placeOf(active));
    await isNotHeard();
    await givenUp(() => hosts.heal());
  });

  test("does not hear whoever types: unknown, another takes over, and it is kept out when it heals", async () => {
    const { hosts } = watched;
    await hosts.deafen(operator, placeOf(active));
    await shown("server-unknown");
    await givenUp(() => hosts.heal());
  });

  test("loses its power and is given up: it boots with the role that it had, and is kept out", async () => {
    const { hosts } = watched;
    const host = placeOf(active);
    await hosts.powerOff(host);
    await givenUp(() => hosts.powerOn(host));
  });

  test("loses its power between DETACH and ATTACH, the target on it: it is kept out, and the old one is heard again", async () => {
    const { hosts, project } = watched;
    const host = placeOf(other());
    const ran = await runWhile(project, ["switchover", "--to", other()], "before:attach", () => hosts.powerOff(host));
    assert.equal(ran.code, 6, ran.output);
    assert.match(ran.output, /rolled back: publisher\d is heard again/);
    assert.match(
      ran.output,
      /note: dummy-nats\d is kept out until a run finds it detached: host \w+ .* cannot be reached/,
    );
    await watched.witness.hears(active);
    await watched.nothingDoubled();
    await watched.flip(3, "switchover", "--to", other());
    await hosts.powerOn(host);
    for (const { lost, server } of await watched.nothingDoubled()) assert.equal(lost, 0, server);
    await endsWith(0, project.up());
    await watched.audit(active);
  });

  test("loses its power between DETACH and ATTACH, the old one on it: the flip is done, and it boots detached", async () => {
    const { hosts, project } = watched;
    const host = placeOf(active);
    const ran = await runWhile(project, ["switchover", "--to", other()], "before:attach", () => hosts.powerOff(host));
    assert.equal(ran.code, 0, ran.output);
    active = other();
    await watched.witness.hears(active);
    await hosts.powerOn(host);
    await watched.isHeardAlone(active);
    await watched.nothingDoubled();
  });

  test("is on a road that loses one packet in four: each verb ends in time, and what it says is so", async () => {
    const { hosts, project } = watched;
    const [old, next] = [active, other()];
    await hosts.lose(0.25, placeOf(next), operator);
    await project.natsby(["status"], { withinMs: verbMs });
    const ran = await project.natsby(["switchover", "--to", next, "--json"], { withinMs: 2 * verbMs });
    await hosts.heal();
    const { after = old } = ran.stdout === "" ? {} : (JSON.parse(ran.stdout) as FlipResult);
    assert.ok([0, 3, 4, 5, 6].includes(ran.code ?? -1), ran.output);
    assert.equal(ran.code === 0, after === next, ran.output);
    if (after !== null) await watched.witness.hears(after);
    if ((await endsWith(0, project.up())).code === 0) active = (await project.status()).activePublisher;
    await watched.audit(active);
  });

  /** Lays a small full disk over everything of the stack there, which stays as it is below. */
  async function fullDisk(host: string): Promise<() => Promise<unknown>> {
    await sh(
      host,
      `mkdir -p /mnt/small; mount -t tmpfs -o size=64m,mode=0755 none /mnt/small; cp -a ${hostFolder}/. /mnt/small/
      chmod --reference=${hostFolder} /mnt/small; dd if=/dev/zero of=/mnt/small/filler bs=4k 2>/dev/null || :
      mount --bind /mnt/small ${hostFolder}; ! echo x 2>/dev/null >${hostFolder}/try`,
    );
    return () => sh(host, `umount ${hostFolder}; umount /mnt/small`);
  }

  test("has a full disk: refused with host, path and cause, and nothing changed; of who is heard the fence is offered", async () => {
    const [old, next] = [active, other()];
    for (const name of [next, old]) {
      const empty = await fullDisk(placeOf(name));
      const { ran } = await watched.flip(3, "switchover", "--to", next).finally(empty);
      assert.match(ran.output, new RegExp(`${hostFolder}/\\S+ cannot be written: the disk is full`));
      assert.match(
        ran.output,
        new RegExp(`on ${placeOf(name)}: ls -ld .*${name === old ? `; or give ${old} up.*failover --to ${next}` : ""}`),
      );
    }
    for (const { server, lost } of await watched.audit(old)) assert.equal(lost, 0, server);
  });

  test("has a clock that is 200 ms ahead: told beside the gap, and nothing is doubled", async () => {
    const to = other();
    await sh(placeOf(to), `echo 0.2 >${clock.file}`);
    const { upstreams, after } = await watched.flip(0, "switchover", "--to", to);
    assert.equal(after, to);
    active = to;
    await watched.nothingDoubled();
    for (const { clockMs, doubled } of upstreams) {
      assert.equal(doubled, 0);
      assert.ok(Math.abs((clockMs ?? 0) + 200) < 60, `measured ${clockMs} ms`);
    }
    await sh(placeOf(to), `rm ${clock.file}`);
    await watched.audit(active);
  });
});
