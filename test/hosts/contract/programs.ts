// The contract of the port Host: programs that are run, and processes that outlive whoever started them.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { until } from "../../support/until.ts";
import { odd } from "./odd-text.ts";
import type { Subject } from "./subject.ts";

export function declarePrograms(subject: () => Subject): void {
  describe("programs", () => {
    it("run with their arguments, folder and environment, and end with their code", async () => {
      const { host } = subject();
      const script = 'printf "%s|" "$@"; pwd; printf "%s\\n" "$GREETING" >&2; exit 7';
      const run = await host.run(["sh", "-c", script, "sh", odd, ""], {
        ...{ cwd: "/", withinMs: 5_000, environment: { PATH: "/usr/bin:/bin", GREETING: odd } },
      });
      assert.deepEqual(run, { code: 7, stdout: `${odd}||/\n`, stderr: `${odd}\n`, timedOut: false });
    });

    it("have the environment that was given and no other", async () => {
      const { host } = subject();
      const environment = { PATH: "/usr/bin:/bin", ONLY: "this" };
      const { stdout } = await host.run(["env"], { withinMs: 5_000, environment });
      const names = stdout
        .trim()
        .split("\n")
        .map((line) => line.split("=")[0] ?? "");
      assert.deepEqual(names.filter((name) => !["PWD", "_", "OLDPWD", "SHLVL"].includes(name)).sort(), [
        "ONLY",
        "PATH",
      ]);
    });

    it("that take too long are killed", async () => {
      const { host } = subject();
      const run = await host.run(["sh", "-c", "echo begun; exec sleep 60"], { withinMs: 500 });
      assert.deepEqual(run, { code: null, stdout: "begun\n", stderr: "", timedOut: true });
    });

    it("that a signal ended have no code", async () => {
      const { sh } = subject();
      const { code, timedOut } = await sh("kill -9 $$");
      assert.deepEqual({ code, timedOut }, { code: null, timedOut: false });
    });

    it("that are not there are an error, and not the program's own", async () => {
      const { host, sh } = subject();
      await assert.rejects(host.run(["/nowhere/program"], { withinMs: 5_000 }));
      assert.equal((await sh("exit 127")).code, 127);
    });
  });

  describe("processes", () => {
    const startOf = async (name: string, script: string, environment: Record<string, string> = {}) => {
      const { host, there } = subject();
      const cwd = `${there.dataDir}/${name}`;
      await host.makeFolder(cwd);
      const output = `${cwd}/output`;
      const pid = await host.start({ name, argv: ["/bin/sh", "-c", script, "sh", odd], cwd, output, environment });
      const [process, ...others] = await until(`${name} is found`, async () => (await host.processes()).get(name));
      assert.deepEqual([process?.pid, others.length], [pid, 0]);
      return { process: process ?? assert.fail(), output };
    };

    it("are started with their arguments and environment, and found by another run", async () => {
      const { host, there } = subject();
      const script = 'printf "%s|%s\\n" "$1" "$SECRET"; exec sleep 1000';
      const { process, output } = await startOf("server0", script, { SECRET: odd });
      await until("it said so", async () => (await host.read(output)) === `${odd}|${odd}\n`);
      await using other = there.open();
      const found = (await other.processes()).get("server0");
      assert.deepEqual(found, [process]);
      assert.deepEqual([process.name, process.dataDir, process.frozen], ["server0", there.dataDir, false]);
      assert.equal(await host.lives(process.pid), true);
      assert.equal(await host.stop(process, { withinMs: 5_000 }), true);
      assert.equal((await host.processes()).get("server0"), undefined);
      assert.equal(await host.stop(process, { withinMs: 5_000 }), true);
      assert.equal(await host.signal(process, "SIGTERM"), false);
    });

    it("hear a signal, and are seen to stand still", async () => {
      const { host } = subject();
      const { process, output } = await startOf(
        "publisher0",
        'trap "echo heard" HUP; echo ears; while :; do sleep 0.1; done',
      );
      await until("it listens", async () => (await host.read(output)) === "ears\n");
      assert.equal(await host.signal(process, "SIGSTOP"), true);
      const isFrozen = async () => (await host.processes()).get("publisher0")?.[0]?.frozen;
      await until("it stands still", isFrozen);
      await host.signal(process, "SIGCONT");
      await host.signal(process, "SIGHUP");
      await until("it heard", async () => (await host.read(output)) === "ears\nheard\n");
      assert.equal(await host.signal({ ...process, startTicks: 1 }, "SIGKILL"), false);
      assert.equal(await host.signal({ ...process, name: "server9" }, "SIGKILL"), false);
      assert.equal(await host.stop(process, { withinMs: 5_000, signal: "SIGTERM", group: true }), true);
      assert.equal((await host.processes()).get("publisher0"), undefined);
    });

    it("that outlive the bound are told, and end by another signal", async () => {
      const { host } = subject();
      const { process, output } = await startOf("dummy-nats0", 'trap "" TERM; echo deaf; while :; do sleep 0.1; done');
      await until("it is deaf to it", async () => (await host.read(output)) === "deaf\n");
      assert.equal(await host.stop(process, { withinMs: 300, signal: "SIGTERM" }), false);
      assert.equal(await host.stop(process, { withinMs: 5_000, group: true }), true);
    });

    it("that cannot be executed are an error", async () => {
      const { host, there } = subject();
      const options = { name: "nobody", cwd: "/", output: `${there.dataDir}/output` };
      await host.makeFolder(there.dataDir);
      await assert.rejects(host.start({ ...options, argv: ["/nowhere/program"] }));
      assert.equal((await host.processes()).get("nobody"), undefined);
    });

    it("read a file again in the very step that puts it in place, and no later one of their pid does", async () => {
      const { host, there } = subject();
      const script = 'trap "cat role.conf" HUP; echo begun; while :; do sleep 0.05; done';
      const { process, output } = await startOf("server2", script);
      const path = `${there.dataDir}/server2/role.conf`;
      const { epoch, ticket, fenced } = await host.guard();
      const claim = { epoch, fenced, ticket: ticket + 1 };
      await until("it is ready", async () => (await host.read(output)) === "begun\n");
      await host.claim(claim);
      await host.stage(path, "other\n", 0o600, claim);
      await host.commit(path, claim, { ...process, startTicks: process.startTicks + 1 });
      await host.stage(path, "mine\n", 0o600, claim);
      await host.commit(path, claim, process);
      await until("it read it", async () => (await host.read(output)) === "begun\nmine\n");
      await host.stop(process, { withinMs: 5_000, group: true });
    });

    it("of another stack are not found", async () => {
      const { host } = subject();
      const { process } = await startOf("server1", "exec sleep 1000");
      assert.deepEqual([...(await host.processes()).keys()], ["server1"]);
      await host.stop(process, { withinMs: 5_000 });
    });
  });
}
