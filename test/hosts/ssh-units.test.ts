// Whose rights servers and publishers have on a real host: users of their own, who read their own files alone and write nothing but
// a log or what they keep. What they need works all the same: a reload, rotated logs, a stop, a reboot, a low port.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Host, RunsAs } from "../../infra/hosts/host.ts";
import { sshHost } from "../../infra/hosts/ssh.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { noHosts, TestHosts } from "../support/hosts.ts";
import { until } from "../support/until.ts";

const dataDir = "/etc/nats-server/natsby test";
const natsServer = `${dataDir}/bin/nats-server`;
/** Systemd's own measure, from 0 to 10. By the same one the vendor's hardened unit has 1.5, and a unit that runs as root 8.3. */
const mostExposed = { server: 1.5, publisher: 2.0 };

describe("units on a real host", { skip: noHosts() ?? false }, () => {
  let hosts: TestHosts;
  let host: Host;
  before(async () => {
    hosts = await TestHosts.start(["host0"]);
    const { address, hostKey } = hosts.of("host0");
    const target = { name: "host0", address, port: 22, user: "root", hostKey, privateKey: hosts.key.privateKey };
    host = sshHost(target, { stack: "test", dataDir });
    await sh(`mkdir -p '${dataDir}' && chmod 0711 '${dataDir}'`);
    await host.bring(natsServerPath(), natsServer, 0o755);
  });
  after(async () => {
    await host?.[Symbol.asyncDispose]();
    await hosts?.[Symbol.asyncDispose]();
  });

  const sh = (script: string): Promise<string> => hosts.within("host0", "sh", "-c", script);
  const startServer = async (name: string, config: string, lowPorts = false): Promise<void> => {
    const cwd = `${dataDir}/${name}`;
    await host.write(`${cwd}/nats.conf`, `${config}\nlog_file: "log/server.log"\nlogfile_size_limit: 3000\n`, 0o600);
    await host.write(`${cwd}/key.pem`, "a secret key\n", 0o600);
    const as = { kind: "server", lowPorts } as const;
    await host.start({ name, argv: [natsServer, "-c", "nats.conf"], cwd, output: `${cwd}/start.log`, as });
    await until(`${name} is ready`, async () => (await logOf(name)).includes("Server is ready"));
  };
  const startPublisher = async (name: string, script: string, as: RunsAs = { kind: "publisher" }): Promise<void> => {
    const cwd = `${dataDir}/${name}`;
    await host.makeFolder(cwd);
    const environment = { NATS_PASSWORD: "s3cret" };
    const argv = ["/bin/sh", "-c", script] as const;
    await host.start({ name, argv, cwd, output: `${cwd}/publisher.log`, environment, as });
  };
  const logOf = async (name: string): Promise<string> =>
    (await host.read(`${dataDir}/${name}/log/server.log`).catch(() => null)) ?? "";
  const userOf = (name: string): Promise<string> =>
    sh(`ps -o user:40= -p $(systemctl show --property MainPID --value natsby-test-${name}.service)`);
  const readBy = (user: string, path: string): Promise<string> =>
    sh(`runuser -u ${user} -- cat '${path}' 2>&1 || echo refused`);

  test("a server runs as a user of its own, who reads its keys and cannot write them", async () => {
    await startServer("server0", 'listen: "127.0.0.1:4222"');
    assert.equal(await userOf("server0"), "natsby-test-server0");
    const key = `${dataDir}/server0/key.pem`;
    assert.equal(
      await sh(`stat -c '%a %U %G' '${key}' '${dataDir}/server0' '${dataDir}'`),
      ["640 root natsby-test-server0", "2750 root natsby-test-server0", "711 root root"].join("\n"),
    );
    assert.equal(await readBy("natsby-test-server0", key), "a secret key");
    await assert.rejects(sh(`runuser -u natsby-test-server0 -- sh -c 'echo >>"$1"' sh '${key}'`));
    await assert.rejects(sh(`runuser -u natsby-test-server0 -- rm -f '${key}'`));
  });

  test("what is written there later is its group's to read, and still nobody else's", async () => {
    const path = `${dataDir}/server0/role.conf`;
    const claim = { epoch: 0, ticket: 1, fenced: [] };
    await host.claim(claim);
    await host.stage(path, "one\n", 0o600, claim);
    await host.commit(path, claim);
    assert.equal(await sh(`stat -c '%a %G' '${path}'`), "640 natsby-test-server0");
    await host.write(path, "two\n", 0o600);
    assert.equal(await readBy("natsby-test-server0", path), "two");
    assert.match(await readBy("deploy", path), /refused/);
    assert.equal(await sh(`stat -c %a '${dataDir}/guard.json'`), "600");
  });

  test("a publisher runs as another one, who reads no server's key, nor the servers its password", async () => {
    await startPublisher("publisher0", 'echo "$NATS_PASSWORD"; echo kept >"$STATE_DIRECTORY/kept"; exec sleep 1000');
    assert.equal(await userOf("publisher0"), "natsby-test-publisher0");
    await until("it said so", async () => (await host.read(`${dataDir}/publisher0/publisher.log`)) === "s3cret\n");
    for (const name of ["server0/key.pem", "server0/nats.conf", "guard.json", "publisher0/environment"])
      assert.match(await readBy("natsby-test-publisher0", `${dataDir}/${name}`), /refused/, name);
    assert.match(await readBy("natsby-test-server0", `${dataDir}/publisher0/publisher.log`), /refused/);
    assert.equal(await sh("cat /var/lib/natsby-test-publisher0/kept"), "kept");
  });

  test("a publisher may write nothing else", async () => {
    const places = ["/etc", "/usr/bin", "/var/lib", "/home", dataDir, `${dataDir}/publisher1`];
    const tries = places.map((place) => `( : >'${place}/mine' ) 2>/dev/null && echo 'wrote ${place}'`).join("; ");
    await startPublisher("publisher1", `${tries}; echo tried; exec sleep 1000`);
    await until("it tried", async () => (await host.read(`${dataDir}/publisher1/publisher.log`)) === "tried\n");
  });

  for (const [kind, name] of [
    ["server", "server0"],
    ["publisher", "publisher0"],
  ] as const) {
    test(`systemd calls a ${kind} exposed by ${mostExposed[kind]} or less`, async () => {
      const said = await sh(`systemd-analyze security --no-pager natsby-test-${name}.service 2>&1 | tail -n 1`);
      const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1] ?? assert.fail(said));
      assert.ok(exposure <= mostExposed[kind], said);
    });
  }

  test("a server reads its files again, and renames its log as it grows", async () => {
    const [process] = (await host.processes()).get("server0") ?? [];
    for (let nth = 1; nth <= 12; nth++) {
      await host.signal(process ?? assert.fail("it does not run"), "SIGHUP");
      await sh("sleep 0.1");
    }
    await sh("systemctl reload natsby-test-server0.service");
    await until("its log was renamed", async () =>
      (await host.list(`${dataDir}/server0/log`)).some((one) => one.startsWith("server.log.")),
    );
    assert.match(await sh(`cat '${dataDir}'/server0/log/server.log*`), /Reloaded server configuration/);
  });

  test("a server ends by a signal at once, without a lame duck's wait, and leaves its user for the next start", async () => {
    const [process] = (await host.processes()).get("server0") ?? [];
    const began = performance.now();
    assert.equal(
      await host.stop(process ?? assert.fail("it does not run"), { withinMs: 5_000, signal: "SIGTERM" }),
      true,
    );
    assert.ok(performance.now() - began < 3_000, "it took longer");
    assert.doesNotMatch(await sh(`cat '${dataDir}'/server0/log/server.log*`), /[Ll]ame [Dd]uck/);
    await startServer("server0", 'listen: "127.0.0.1:4222"');
  });

  test("a server that ran as root runs as its own user from its next start on", async () => {
    const cwd = `${dataDir}/server2`;
    const config = 'listen: "127.0.0.1:4333"\nlog_file: "log/server.log"\n';
    await host.write(`${cwd}/nats.conf`, config, 0o600);
    await host.makeFolder(`${cwd}/log`);
    await host.start({ name: "server2", argv: [natsServer, "-c", "nats.conf"], cwd, output: `${cwd}/start.log` });
    await until("it is ready", async () => (await logOf("server2")).includes("Server is ready"));
    assert.equal(await userOf("server2"), "root");
    const [process] = (await host.processes()).get("server2") ?? [];
    await host.stop(process ?? assert.fail("it does not run"), { withinMs: 5_000, signal: "SIGTERM" });
    await startServer("server2", 'listen: "127.0.0.1:4333"');
    assert.equal(await userOf("server2"), "natsby-test-server2");
    assert.equal((await logOf("server2")).match(/Server is ready/g)?.length, 2, "it goes on with its log");
  });

  test("a server may listen on a low port where it is to", async () => {
    await startServer("server1", 'listen: "127.0.0.1:443"', true);
    assert.match((await host.portOwner("127.0.0.1", 443)) ?? "", /nats-server/);
    assert.equal(await userOf("server1"), "natsby-test-server1");
  });

  test("a publisher runs as the user that the config names, and one that is not there is told", async () => {
    await startPublisher("publisher2", "exec sleep 1000", { kind: "publisher", user: "deploy" });
    assert.equal(await userOf("publisher2"), "deploy");
    const nobody = startPublisher("publisher3", "exec sleep 1000", { kind: "publisher", user: "nosuchuser" });
    await assert.rejects(nobody, /host0: publisher3 cannot be started: the host has no user nosuchuser: make it there/);
  });

  test("a folder that only root may enter is refused, with what to type", async () => {
    await sh("chmod 0700 /etc/nats-server");
    await assert.rejects(
      startPublisher("publisher4", "exec sleep 1000"),
      /publisher4 cannot reach .*: nobody but root may enter \/etc\/nats-server: chmod o\+x \/etc\/nats-server there/,
    );
    await sh("chmod 0755 /etc/nats-server");
  });

  test("where systemd is not asked for, a program has its own user all the same, and its low port", async () => {
    const { address, hostKey } = hosts.of("host0");
    const target = { name: "host0", address, port: 22, user: "root", hostKey, privateKey: hosts.key.privateKey };
    await using bare = sshHost(target, { stack: "test", dataDir, serviceManager: "none" });
    const cwd = `${dataDir}/server3`;
    await bare.write(`${cwd}/nats.conf`, 'listen: "127.0.0.1:444"\nlog_file: "log/server.log"\n', 0o600);
    const as = { kind: "server", lowPorts: true } as const;
    const pid = await bare.start({
      ...{ name: "server3", argv: [natsServer, "-c", "nats.conf"], cwd, output: `${cwd}/start.log`, as },
    });
    await until("it is ready", async () => (await logOf("server3")).includes("Server is ready"));
    assert.equal(await sh(`ps -o user:40= -p ${pid}`), "natsby-test-server3");
    const status = await sh(`grep -E '^(CapBnd|CapEff|NoNewPrivs)' /proc/${pid}/status | tr -d '\\t'`);
    assert.equal(status, "CapEff:0000000000000400\nCapBnd:0000000000000400\nNoNewPrivs:1");
    const [process] = (await bare.processes()).get("server3") ?? [];
    assert.equal(await bare.stop(process ?? assert.fail("it does not run"), { withinMs: 5_000 }), true);
  });

  test("all comes back after a reboot, as the same users", async () => {
    await hosts.reboot("host0");
    const isBack = async () => {
      const running = await host.processes().catch(() => null);
      return running !== null && ["server0", "publisher0", "publisher2"].every((name) => running.has(name));
    };
    await until("they are back", isBack, 20_000);
    assert.equal(await userOf("server0"), "natsby-test-server0");
    assert.equal(await userOf("publisher2"), "deploy");
  });

  test("with its folder goes its user and what it kept, and no user that natsby did not make", async () => {
    for (const name of await host.list(dataDir)) await host.remove(`${dataDir}/${name}`);
    assert.equal(
      await sh(
        "grep '^natsby' /etc/passwd /etc/group; ls -d /var/lib/natsby-* /etc/systemd/system/natsby-* 2>/dev/null; :",
      ),
      "",
    );
    assert.match(await sh("id deploy"), /deploy/);
  });
});
