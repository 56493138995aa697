// What is done to a stack on real hosts over the years: a slow road, another nats-server, other secrets and keys, a host that was set
// up anew, its end. One of its hosts is reached through another machine, and one has no systemd that natsby may use.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { FinishedEntry } from "../../../infra/core/history.ts";
import { endsWith } from "../../support/bounded-run.ts";
import { noHosts, operator } from "../../support/hosts.ts";
import { SlowPath } from "../../support/slow-path.ts";
import { publishersOn, SshStack } from "../../support/ssh-stack.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { hostFolder, WatchedSsh } from "../../support/watched-ssh.ts";

const newer = "2.15.3";

describe("a stack on hosts of which one is behind a door, and one without systemd", {
  skip: noHosts() ?? false,
}, () => {
  let watched: WatchedSsh;
  let door: Sshd;
  let road: SlowPath;

  before(async () => {
    door = await startSshd();
    road = await SlowPath.to(door.port);
    watched = new WatchedSsh(await SshStack.prepare());
    await watched.stack.useKey("door", door.key.privateKey);
    watched.stack.reach({
      east: { jump: "door" },
      west: { serviceManager: "none" },
      door: { address: "127.0.0.1", port: road.port, user: door.user, hostKey: door.hostKey },
    });
  });
  after(async () => {
    await watched?.[Symbol.asyncDispose]();
    road?.[Symbol.dispose]();
    await door?.[Symbol.asyncDispose]();
  });

  const sh = (host: string, script: string): Promise<string> => watched.hosts.within(host, "sh", "-c", script);
  const flipTo = async (to: string): Promise<void> => {
    const { outcome } = await watched.flip(0, "switchover", "--to", to);
    assert.equal(outcome, "done");
    await watched.witness.hears(to);
    await watched.nothingDoubled();
  };

  it("is brought up, and flips there and back", async () => {
    await endsWith(0, watched.project.up());
    await watched.listen();
    await watched.audit("publisher0");
    for (const to of ["publisher1", "publisher0"]) await flipTo(to);
    const units = "ls /etc/systemd/system | grep -c '^natsby-'; :";
    assert.deepEqual([await sh("east", units), await sh("west", units)], ["2", "0"]);
    assert.equal(await sh("west", "pgrep -c 'nats-server|perl'"), "2");
  });

  it("flips over a road of 200 ms that loses one packet in twenty", async () => {
    road.delayMs = 200;
    for (const host of ["north", "east"]) await watched.hosts.lose(0.05, host, operator);
    await flipTo("publisher1");
    await watched.hosts.heal();
    road.delayMs = 0;
    await flipTo("publisher0");
  });

  it("gets another nats-server, upstreams one at a time: who listens at both loses what the flip loses", async () => {
    await watched.listen();
    const lostBefore = await lostInFlips();
    const words = ["roll", "--to-version", newer, "--reason", "upgrade"];
    await endsWith(0, watched.project.natsby(words));
    await watched.audit("publisher1");
    const [missing, lost] = [watched.witnesses.pair.missing(), (await lostInFlips()) - lostBefore];
    assert.ok(missing <= lost, `${missing} missing, ${lost} lost in the flip`);
    for (const host of watched.stack.names) {
      const running = "for pid in $(pgrep nats-server); do readlink /proc/$pid/exe; done";
      assert.match(await sh(host, running), new RegExp(`^\\S*nats-server\\S*${newer}\\S*$`), host);
    }
  });

  /** The most that an upstream's subscribers lost in each flip, added up. */
  async function lostInFlips(): Promise<number> {
    const { stdout } = await endsWith(0, watched.project.natsby(["history", "--json"]));
    const { cutovers } = JSON.parse(stdout) as { readonly cutovers: readonly FinishedEntry[] };
    const most = cutovers.map(({ upstreams }) => Math.max(0, ...(upstreams ?? []).map(({ lost }) => lost ?? 0)));
    return most.reduce((sum, lost) => sum + lost, 0);
  }

  it("gets another clusterSecret in two ups: nothing is lost in the first, what a flip loses in the second", async () => {
    const { project } = watched;
    const env = await project.tools();
    const rotate = [
      "pulumi config get clusterSecret | pulumi config set --secret clusterSecretPrevious",
      "echo 'another secret for four hosts, long enough' | pulumi config set --secret clusterSecret",
    ];
    await watched.nothingDoubled();
    await endsWith(0, project.shell(rotate, "bash", { env }));
    await endsWith(0, project.up());
    await watched.witness.hears("publisher1");
    for (const { server, lost } of await watched.nothingDoubled()) assert.equal(lost, 0, server);
    await watched.listen();
    project.configure({ clusterSecretPrevious: undefined, activePublisher: "publisher0" });
    await endsWith(0, project.up());
    for (const { server, handovers, lost } of await watched.audit("publisher0")) {
      assert.equal(handovers.length, 1, server);
      assert.ok(lost <= (handovers[0]?.lost ?? 0), `${server}: ${lost} lost`);
    }
  });

  it("gets another key for one server by its generation, and nobody notices", async () => {
    const pinOf = async (upstream: string, host: string): Promise<string | undefined> =>
      /"([0-9a-f]{64})" # dummy-nats1$/m.exec(await sh(host, `cat ${hostFolder}/${upstream}/pins.conf`))?.[1];
    const pins = () => Promise.all([pinOf("server0", "north"), pinOf("server1", "south")]);
    const [old] = await pins();
    const [first, second] = publishersOn(["east", "west"]);
    watched.project.configure({ publishers: [first, { ...second, generation: 1 }] });
    await endsWith(0, watched.project.up());
    const now = await pins();
    assert.ok(old !== undefined && now[0] !== undefined && now[0] !== old);
    assert.equal(now[0], now[1]);
    for (const { server, lost } of await watched.audit("publisher0")) assert.equal(lost, 0, server);
    await flipTo("publisher1");
  });

  it("refuses another key for who is heard, and `pulumi up` ends though its program looked at the hosts", async () => {
    const [first, second] = publishersOn(["east", "west"]);
    watched.project.configure({ publishers: [first, { ...second, generation: 2 }] });
    const { output } = await endsWith(1, watched.project.up());
    assert.match(
      output,
      /natsby exit 3: this change restarts publisher1, which is heard now \(dummy-nats1: generation/,
    );
    watched.project.configure({ publishers: [first, { ...second, generation: 1 }] });
    for (const { server, lost } of await watched.nothingDoubled()) assert.equal(lost, 0, server);
  });

  it("is silent after a reboot of a host without systemd, and says so, until `pulumi up`", async () => {
    await watched.hosts.reboot("west");
    const { problems } = await watched.project.status();
    assert.ok(problems.some(({ code, about }) => code === "dummy-down" && about === "dummy-nats1"));
    await endsWith(0, watched.project.up());
    await watched.audit("publisher1");
  });

  /** From now on it shows another key, until it is given its own back. @returns its new fingerprint, and the way back */
  async function anotherKey(host: string): Promise<readonly [string, () => Promise<unknown>]> {
    const file = "/etc/ssh/ssh_host_ed25519_key";
    const make = `mv ${file} /root/kept; rm ${file}.pub; ssh-keygen -q -t ed25519 -N '' -f ${file}`;
    await sh(host, `${make}; systemctl restart ssh`);
    const fingerprint = (await sh(host, `ssh-keygen -lf ${file}.pub`)).split(" ")[1] ?? assert.fail("no key");
    const back = `mv /root/kept ${file}; ssh-keygen -y -f ${file} >${file}.pub; systemctl restart ssh`;
    return [fingerprint, () => sh(host, back)];
  }

  it("does nothing at a host that shows another key than before: refused with both keys, and the others are as they were", async () => {
    const { hosts, project } = watched;
    await hosts.isolate("west");
    const { fenced } = await watched.flip(0, "failover", "--to", "publisher0", "--reason", "west is gone");
    assert.deepEqual(fenced, ["publisher1"]);
    const [shown, back] = await anotherKey("west");
    await hosts.heal();
    await endsWith(0, project.up());
    const { ran } = await watched.flip(3, "rejoin", "publisher1", "--reason", "it is back");
    assert.match(
      ran.output,
      /natsby: dummy-nats1: host west .* shows ssh-ed25519 .* config has .*: the fence stays\n.*natsby hosts scan/,
    );
    assert.ok(ran.output.includes(shown), ran.output);
    await watched.witness.hears("publisher0");
    await watched.nothingDoubled();
    await back();
    await watched.flip(0, "rejoin", "publisher1", "--reason", "its key is right again");
    await watched.audit("publisher0");
  });

  it("does not flip while an upstream's host shows another key: refused, and who is heard stays so", async () => {
    const { project } = watched;
    const [shown, back] = await anotherKey("south");
    project.configure({ activePublisher: "publisher1" });
    const { output } = await endsWith(1, project.up());
    assert.match(output, /host south .* shows ssh-ed25519/);
    assert.ok(output.includes(shown), output);
    project.configure({ activePublisher: "publisher0" });
    await back();
    for (const { server, heard, lost } of await watched.audit("publisher0")) {
      assert.deepEqual([Object.keys(heard), lost], [["publisher0"], 0], server);
    }
  });

  it("goes with `pulumi destroy`: no process, no unit, no user, no file is left, with systemd or without", async () => {
    await endsWith(0, watched.project.pulumi(["destroy", "--yes", "--skip-preview"]));
    const places =
      "/etc/nats-server /etc/systemd/system/natsby-* /etc/systemd/system/*.wants/natsby-* /var/lib/natsby-*";
    const look = `ls -d ${places} 2>/dev/null; grep '^natsby' /etc/passwd /etc/group; pgrep -l 'nats-server|perl'; :`;
    for (const host of watched.stack.names) assert.equal(await sh(host, look), "", host);
  });
});
