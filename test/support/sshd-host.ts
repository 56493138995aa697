// A test's sshd as a host of a stack: how it is reached, and the driver on it.

import type { Host } from "../../infra/hosts/host.ts";
import type { SshTarget } from "../../infra/hosts/ssh/target.ts";
import { type SshHostOptions, sshHost } from "../../infra/hosts/ssh.ts";
import type { Sshd } from "./sshd.ts";

export const targetOf = ({ port, user, hostKey, key }: Sshd, over: Partial<SshTarget> = {}): SshTarget => ({
  ...{ name: "host0", address: "127.0.0.1", port, user, hostKey, privateKey: key.privateKey },
  ...over,
});

/** As the test's own user, without systemd. */
export const hostOf = (sshd: Sshd, over: Partial<SshTarget> = {}, options: Partial<SshHostOptions> = {}): Host =>
  sshHost(targetOf(sshd, over), {
    ...{ stack: "test", dataDir: `${sshd.folder}/data`, serviceManager: "none", sudo: false },
    ...options,
  });
