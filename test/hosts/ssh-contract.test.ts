// The driver ssh keeps the contract of every driver: with a real sshd, and with each shell that hosts have.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sshHost } from "../../infra/hosts/ssh.ts";
import { onPath } from "../../scripts/toolchain/paths.ts";
import { noSshd, startSshd } from "../support/sshd.ts";
import { temporary } from "../support/temporary.ts";
import { hostContract } from "./contract/host-contract.ts";
import type { ContractHost } from "./contract/subject.ts";

/** On this machine, by an sshd of the test's own. */
async function onOwnSshd(within: readonly string[] = []): Promise<ContractHost> {
  const sshd = await startSshd([], {}, within);
  const { port, user, hostKey, key } = sshd;
  const target = { name: "host0", address: "127.0.0.1", port, user, hostKey, privateKey: key.privateKey };
  const dataDir = `${sshd.folder}/data dir`;
  return {
    dataDir,
    open: () => sshHost(target, { stack: "test", dataDir, serviceManager: "none", sudo: false }),
    [Symbol.asyncDispose]: () => sshd[Symbol.asyncDispose](),
  };
}

hostContract("ssh", onOwnSshd, noSshd() ?? false);

const [busybox] = onPath("busybox");

/**
 * Where busybox stands in for every program of the system: its sshd sees another /usr/bin than the rest of this machine. That busybox
 * has no flock.
 */
async function onBusybox(): Promise<ContractHost> {
  const folder = temporary("bin");
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  copyFileSync(busybox ?? "", join(bin, "busybox"));
  const names = execFileSync(busybox ?? "", ["--list"], { encoding: "utf8" })
    .trim()
    .split("\n");
  for (const name of names) if (!["busybox", "flock"].includes(name)) symlinkSync("busybox", join(bin, name));
  // The shell that the user logs in with, whatever it is, is busybox's too.
  for (const name of ["bash", "dash", "zsh"])
    writeFileSync(join(bin, name), '#!/usr/bin/sh\nexec sh "$@"\n', { mode: 0o755 });
  const within = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /usr/bin && exec "$@"', bin];
  const host = await onOwnSshd(within);
  return {
    ...host,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

function noBusybox(): string | false {
  if (process.getuid?.() !== 0) return "only root gives an sshd another /usr/bin";
  if (realpathSync("/bin") !== "/usr/bin") return "this machine's /bin is no link to its /usr/bin";
  return noSshd() ?? (busybox === undefined ? "there is no busybox: apt install busybox" : false);
}

const skip = noBusybox();
hostContract("ssh, where every program is busybox", onBusybox, skip);

test("there nothing but busybox is found, and it has no flock", { skip }, async () => {
  await using there = await onBusybox();
  await using host = there.open();
  const { stdout } = await host.run(["sh", "-c", "ls -l /usr/bin/stat; command -v flock perl setpriv; :"], {
    withinMs: 5_000,
  });
  assert.match(stdout, /^.* \/usr\/bin\/stat -> busybox\n$/);
});

test("there a lock whose holder died is free again, and so is one of a boot before", { skip }, async () => {
  await using there = await onBusybox();
  await using host = there.open();
  await using other = there.open();
  const never = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const held = host.inTurn("/a lock", 1_000, async () => {
    taken.resolve();
    await never.promise;
  });
  held.catch(() => undefined);
  await taken.promise;
  await assert.rejects(
    other.inTurn("/a lock", 1_000, async () => undefined),
    { code: "locked", exitCode: 7 },
  );
  await host[Symbol.asyncDispose]();
  assert.equal(await other.inTurn("/a lock", 20_000, async () => "free"), "free");
  never.resolve();
});
