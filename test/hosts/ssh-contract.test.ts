// The driver ssh keeps the contract of every driver: with a real sshd, and with each shell that hosts have.

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { sshHost } from "../../infra/hosts/ssh.ts";
import { onPath } from "../../scripts/toolchain/paths.ts";
import { noSshd, startSshd } from "../support/sshd.ts";
import { temporary } from "../support/temporary.ts";
import { hostContract } from "./contract/host-contract.ts";
import type { ContractHost } from "./contract/subject.ts";

/** On this machine, by an sshd of the test's own; `path` is what its sessions find programs on first. */
async function onOwnSshd(path: string | null): Promise<ContractHost> {
  const sshd = await startSshd(path === null ? [] : [`SetEnv PATH=${path}`]);
  const { port, user, hostKey, key } = sshd;
  const target = { name: "host0", address: "127.0.0.1", port, user, hostKey, privateKey: key.privateKey };
  const dataDir = `${sshd.folder}/data dir`;
  return {
    dataDir,
    open: () => sshHost(target, { stack: "test", dataDir, serviceManager: "none", sudo: false }),
    [Symbol.asyncDispose]: () => sshd[Symbol.asyncDispose](),
  };
}

hostContract("ssh", () => onOwnSshd(null), noSshd() ?? false);

const [busybox] = onPath("busybox");

/** A folder in which every program is busybox; `without` is left out, and not found further on PATH either. */
async function onBusybox(without: string): Promise<ContractHost> {
  const folder = temporary("bin");
  const names = execFileSync(busybox ?? "", ["--list"], { encoding: "utf8" })
    .trim()
    .split("\n");
  mkdirSync(join(folder.path, "bin"));
  for (const name of names.filter((name) => name !== without)) {
    symlinkSync(busybox ?? "", join(folder.path, "bin", name));
  }
  const host = await onOwnSshd(join(folder.path, "bin"));
  return {
    ...host,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const noBusybox = noSshd() ?? (busybox === undefined ? "there is no busybox: apt install busybox" : false);
hostContract("ssh, where every program is busybox", () => onBusybox(""), noBusybox);
