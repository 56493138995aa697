// A host behind a jump host: keys, cuts, and many hosts behind the same one; with real sshds.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { jumpHosts } from "../../infra/hosts/ssh.ts";
import { noSshd, startSshd } from "../support/sshd.ts";
import { hostOf, targetOf } from "../support/sshd-host.ts";
import { until } from "../support/until.ts";

describe("a host behind a jump host", { skip: noSshd() ?? false }, () => {
  test("is reached through a jump host, whose own key is checked too", async () => {
    await using sshd = await startSshd();
    await using door = await startSshd();
    await using host = hostOf(sshd, { jump: targetOf(door, { name: "door" }) });
    assert.equal(await host.read("/nothing"), null);
    await using strange = hostOf(sshd, { jump: targetOf(door, { name: "door", hostKey: sshd.hostKey }) });
    await assert.rejects(strange.list("/"), { code: "host-key", message: /^host door / });
    door.endSessions();
    await until("it is reached again", () => host.list("/"));
  });

  test("shares one connection to it with all others behind it: its sshd drops some of those who come at once", async () => {
    await using sshd = await startSshd(["MaxStartups 100"]);
    await using door = await startSshd(["MaxStartups 2:100:2"]);
    const jumps = jumpHosts();
    const jump = targetOf(door, { name: "door" });
    const hosts = Array.from({ length: 12 }, (_, at) => hostOf(sshd, { name: `host${at}`, jump }, { jumps }));
    const texts = await Promise.all(hosts.map((host) => host.read("/nothing")));
    assert.deepEqual(new Set(texts), new Set([null]));
    await Promise.all(hosts.slice(1).map((host) => host[Symbol.asyncDispose]()));
    assert.equal(await hosts[0]?.read("/nothing"), null, "the others' end is not its own");
    door.endSessions();
    await until("it is reached again", () => hosts[0]?.list("/"));
    await hosts[0]?.[Symbol.asyncDispose]();
  });

  test("is waited for no longer than any other where the jump host says nothing of it", async () => {
    await using sshd = await startSshd();
    await using door = await startSshd();
    const [jumps, jump] = [jumpHosts(), targetOf(door, { name: "door" })];
    await using known = hostOf(sshd, { jump }, { jumps });
    assert.equal(await known.read("/nothing"), null);
    door.freeze();
    await using behind = hostOf(sshd, { name: "behind", jump }, { jumps, connectMs: 700 });
    await assert.rejects(behind.list("/"), {
      code: "host-unreachable",
      message: /^host behind .* gave up after 0\.7 s \(timeouts\.host\) waiting until it lets natsby in$/,
    });
    door.thaw();
    await until("it is reached", () => behind.list("/"), 10_000);
  });
});
