// What stands between natsby and a host over SSH: keys, logins, cuts, silence, jump hosts, tunnels; with a real sshd.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../../infra/hosts/host.ts";
import { fingerprintOf } from "../../infra/hosts/ssh/target.ts";
import { sshHost } from "../../infra/hosts/ssh.ts";
import { makeKey, noSshd, startSshd } from "../support/sshd.ts";
import { hostOf, targetOf } from "../support/sshd-host.ts";
import { temporary } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const unreachable = (message: RegExp) =>
  ({ name: "UserError", code: "host-unreachable", exitCode: 3, message }) as const;

describe("a host over SSH", { skip: noSshd() ?? false }, () => {
  test("that shows another key is refused before anything is said, and both keys are named", async () => {
    await using sshd = await startSshd();
    using folder = temporary();
    for (const type of ["ed25519", "rsa"]) {
      const other = join(folder.path, type);
      execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "", "-f", other]);
      const hostKey = execFileSync("ssh-keygen", ["-y", "-f", other], { encoding: "utf8" }).trim();
      await using host = hostOf(sshd, { hostKey });
      await assert.rejects(host.list("/"), (error: Error & { code: string; hint: string }) => {
        assert.equal(error.code, "host-key");
        assert.ok(error.message.includes(fingerprintOf(hostKey)), error.message);
        if (type === "ed25519") assert.ok(error.message.includes(fingerprintOf(sshd.hostKey)), error.message);
        assert.match(error.hint, /natsby hosts scan host0/);
        return true;
      });
    }
  });

  for (const type of ["rsa", "ecdsa"]) {
    test(`is known by a key of type ${type}, beside the one of another type that it has`, async () => {
      using folder = temporary();
      const path = join(folder.path, "key");
      execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "a comment", "-f", path]);
      await using sshd = await startSshd([`HostKey ${path}`]);
      const hostKey = execFileSync("ssh-keygen", ["-y", "-f", path], { encoding: "utf8" });
      assert.ok(execFileSync("ssh-keygen", ["-lf", path], { encoding: "utf8" }).includes(fingerprintOf(hostKey)));
      await using host = hostOf(sshd, { hostKey });
      assert.equal(await host.read("/nothing"), null);
    });
  }

  test("that does not accept the key, or for which there is none that can be used, says what to do", async () => {
    await using sshd = await startSshd();
    using folder = temporary();
    const stranger = makeKey(join(folder.path, "stranger")).privateKey;
    const locked = makeKey(join(folder.path, "locked"), "a passphrase").privateKey;
    const { privateKey: _, ...without } = targetOf(sshd);
    for (const [target, message] of [
      [targetOf(sshd, { privateKey: stranger }), /does not let natsby in: no key of natsby's is accepted$/],
      [targetOf(sshd, { privateKey: locked }), /does not let natsby in: .*passphrase/],
      [targetOf(sshd, { privateKey: "no key" }), /does not let natsby in: .*key/],
      [{ ...without, agent: join(folder.path, "no-agent") }, /does not let natsby in/],
    ] as const) {
      await using host = sshHost(target, { stack: "test", dataDir: "/nowhere" });
      await assert.rejects(host.list("/"), { code: "host-login", exitCode: 3, message, hint: /sshPrivateKeys/ });
    }
  });

  test("lets natsby in by a key of an agent", async () => {
    await using sshd = await startSshd();
    using folder = temporary();
    const agent = join(folder.path, "agent");
    const said = execFileSync("ssh-agent", ["-a", agent], { encoding: "utf8" });
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
    try {
      execFileSync("ssh-add", ["-q", sshd.key.path], { env: { ...process.env, SSH_AUTH_SOCK: agent }, stdio: "pipe" });
      const { privateKey: _, ...target } = targetOf(sshd);
      await using host = sshHost({ ...target, agent }, { stack: "test", dataDir: "/nowhere", sudo: false });
      assert.equal(await host.read("/nothing"), null);
    } finally {
      process.kill(pid);
    }
  });

  test("where nobody listens, or the name is nobody's, is told at once", async () => {
    await using sshd = await startSshd();
    await using closed = hostOf(sshd, { port: 1 });
    await assert.rejects(
      closed.list("/"),
      unreachable(/^host host0 \(\S+@127\.0\.0\.1 port 1\) cannot be reached: nobody listens there$/),
    );
    await using nameless = hostOf(sshd, { address: "nobody.invalid" });
    await assert.rejects(nameless.list("/"), unreachable(/cannot be reached: /));
  });

  test("that is frozen ends within the bound: at its first contact, and on a connection that is open", async () => {
    await using sshd = await startSshd();
    await using known = hostOf(sshd, {}, { answerMs: 500 });
    await known.list("/");
    await using fresh = hostOf(sshd, {}, { connectMs: 500 });
    sshd.freeze();
    const began = performance.now();
    await assert.rejects(
      fresh.list("/"),
      unreachable(/gave up after 0\.5 s \(timeouts\.host\) waiting until it lets natsby in$/),
    );
    await assert.rejects(
      known.write(`${sshd.folder}/written late`, "text", 0o600),
      unreachable(/gave up after 0\.5 s .* waiting until it writes/),
    );
    assert.ok(performance.now() - began < 2_000, "it took longer");
    sshd.thaw();
    await until("both are reached again", async () => Promise.all([known.list("/"), fresh.list("/")]));
  });

  test("that was silent just before is waited for shortly, until it answers again", async () => {
    await using sshd = await startSshd();
    const refusal = async (): Promise<string> => {
      // Each is as a process of its own that knows nothing of those before.
      await using host = hostOf(sshd, {}, { connectMs: 2_500 });
      return host.list("/").then(String, ({ message }: Error) => message);
    };
    sshd.freeze();
    assert.match(await refusal(), /gave up after 2\.5 s \(timeouts\.host\)/);
    assert.match(await refusal(), /gave up after 2 s \(it was silent just before\)/);
    sshd.thaw();
    await until("it is reached", async () => !/gave up/.test(await refusal()), 20_000);
    sshd.freeze();
    assert.match(await refusal(), /gave up after 2\.5 s \(timeouts\.host\)/);
    sshd.thaw();
  });

  test("that is lost in the middle of many writes has each file whole: the old text or the new one", async () => {
    await using sshd = await startSshd();
    const texts = ["old\n".repeat(20_000), "new\n".repeat(20_000)];
    for (let round = 0; round < 5; round++) {
      await using host = hostOf(sshd);
      const paths = Array.from({ length: 10 }, (_, at) => `${sshd.folder}/file${at}`);
      await Promise.all(paths.map((path) => host.write(path, texts[0] ?? "", 0o600)));
      const writes = Promise.allSettled(paths.map((path) => host.write(path, texts[1] ?? "", 0o600)));
      const cut = sleep(20 + round * 15).then(() => sshd.endSessions());
      for (const write of await writes) {
        if (write.status === "rejected") assert.equal(write.reason.code, "host-unreachable");
      }
      // On a quiet machine they may be done before it: what is read must not be cut instead.
      await cut;
      await until("it is reached again", () => host.list("/"));
      const found = await Promise.all(paths.map((path) => host.read(path)));
      for (const text of found) assert.ok(texts.includes(text ?? ""), "half a file");
    }
  });

  test("that is lost while a file comes there keeps the one that it had", async () => {
    await using sshd = await startSshd();
    await using host = hostOf(sshd);
    const [from, path] = [join(sshd.folder, "from"), join(sshd.folder, "to")];
    writeFileSync(from, Buffer.alloc(64 * 1024 * 1024));
    await host.write(path, "old", 0o600);
    const coming = host.bring(from, path, 0o755);
    await until("some of it is there", async () => (await host.look([`${path}.next`]))[0]?.kind === "file");
    sshd.endSessions();
    await assert.rejects(coming, unreachable(/the connection was lost$/));
    assert.equal(await host.read(path), "old");
  });

  test("that is lost while its lock is held says so, and frees the lock", async () => {
    await using sshd = await startSshd();
    await using host = hostOf(sshd);
    await host.claim({ epoch: 0, ticket: 1, fenced: [] });
    const held = host.guarded({ epoch: 0, ticket: 1, fenced: [] }, async () => {
      sshd.endSessions();
      await until("it is reached again", () => host.list("/"));
    });
    await assert.rejects(held, unreachable(/lost while a lock was held$/));
    await host.claim({ epoch: 0, ticket: 2, fenced: [] });
  });

  test("has done with a program that ended: no more than any question does it keep this process from its own end", async () => {
    await using sshd = await startSshd();
    const waitsAfter = async (work: (host: Host) => Promise<unknown>): Promise<number> => {
      const host = hostOf(sshd);
      await work(host);
      await host[Symbol.asyncDispose]();
      return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    };
    const asked = await waitsAfter((host) => host.list("/"));
    assert.equal(await waitsAfter((host) => host.run(["true"], { withinMs: 10_000 })), asked);
  });

  test("that greets whoever logs in is understood all the same", async () => {
    await using sshd = await startSshd(['ForceCommand echo hello; eval "$SSH_ORIGINAL_COMMAND"']);
    await using host = hostOf(sshd);
    await host.write(`${sshd.folder}/file`, "text", 0o600);
    assert.equal(await host.read(`${sshd.folder}/file`), "text");
  });

  test("answers many questions at once in one round trip, each its own", async () => {
    await using sshd = await startSshd();
    await using host = hostOf(sshd);
    const paths = Array.from({ length: 50 }, (_, at) => `${sshd.folder}/file${at}`);
    await Promise.all(paths.map((path, at) => host.write(path, `text ${at}`, 0o600)));
    const texts = await Promise.all(paths.map((path) => host.read(path)));
    assert.deepEqual(
      texts,
      paths.map((_, at) => `text ${at}`),
    );
    const runs = await Promise.all(paths.map((path) => host.run(["cat", path], { withinMs: 10_000 })));
    assert.deepEqual(
      runs.map(({ stdout }) => stdout),
      texts,
    );
  });

  test("shows what listens on its loopback here, one tunnel for each place, and hangs up where nobody does", async () => {
    await using sshd = await startSshd();
    await using host = hostOf(sshd);
    const echo = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
    const port = await listen(echo);
    const tunnel = await host.reach(port);
    assert.deepEqual(await host.reach(port), tunnel);
    assert.notEqual(tunnel.port, port);
    assert.equal(await ask(tunnel.port, "heard"), "heard");
    const owner = await host.portOwner("127.0.0.1", port);
    assert.match(owner ?? "", new RegExp(`\\(pid ${process.pid}\\)$`));
    sshd.endSessions();
    assert.equal(await until("the tunnel leads there again", () => ask(tunnel.port, "again")), "again");
    echo.close();
    assert.equal(await host.portOwner("127.0.0.1", port), null);
    await assert.rejects(ask(tunnel.port, "nobody"));
  });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.once("data", (heard) => {
      resolve(heard.toString());
      socket.destroy();
    });
    socket.once("error", reject).once("close", () => reject(new Error("hung up")));
  });
}
