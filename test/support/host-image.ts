// The root file system of the test hosts: a small Debian with systemd and sshd, made once and kept in natsby's cache.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { withLock } from "../../scripts/toolchain/lock.ts";
import { cacheDir, onPath } from "../../scripts/toolchain/paths.ts";

const suite = "bookworm";
const packages = ["systemd", "systemd-sysv", "openssh-server", "iproute2", "ca-certificates", "sudo", "procps"];
const leftOut = ["man", "doc", "locale", "info"];
/** What wants a real machine, or makes a boot slow. */
const masked = [
  ...["systemd-udevd.service", "systemd-udev-trigger.service", "systemd-logind.service", "getty.target"],
  ...["console-getty.service", "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "dev-hugepages.mount"],
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer"],
];
/** Keys are each host's own; `deploy` is a user of few rights until a test gives it some. */
const hooks = [
  'rm -f "$1"/etc/ssh/ssh_host_*',
  ...masked.map((unit) => `ln -sf /dev/null "$1"/etc/systemd/system/${unit}`),
  'chroot "$1" useradd --create-home --shell /bin/sh deploy',
  'mkdir -p -m 700 "$1"/root/.ssh',
];
const words = [
  ...["--quiet", "--mode=root", "--variant=essential", `--include=${packages.join(",")}`],
  ...leftOut.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
  ...hooks.map((hook) => `--customize-hook=${hook}`),
  suite,
];

/** Why none can be made here; null where it can, or where there is one. */
export const noHostImage = (): string | null =>
  existsSync(imagePath()) || onPath("mmdebstrap").length > 0 ? null : "there is no mmdebstrap: apt install mmdebstrap";

/** The archive, made now if it is not there. */
export async function hostImage(): Promise<string> {
  const path = imagePath();
  mkdirSync(dirname(path), { recursive: true });
  await withLock(
    `${path}.lock`,
    () => undefined,
    async () => {
      if (existsSync(path)) return;
      const draft = `${path}.next.tar`;
      try {
        await promisify(execFile)("mmdebstrap", [...words, draft], { timeout: 250_000 });
        renameSync(draft, path);
      } finally {
        rmSync(draft, { force: true });
      }
    },
  );
  return path;
}

/** Another recipe is another file. */
function imagePath(): string {
  const recipe = createHash("sha256").update(words.join("\n")).digest("hex").slice(0, 12);
  return join(cacheDir(), "test-hosts", `debian-${suite}-${recipe}.tar`);
}
