// natsby's images on a test's own engine, built by the engine's own command. With the programs of busybox in them tests can look around.

import { execFileSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { dockerHelper } from "../../scripts/docker/helper.ts";
import { type ImageContext, makeContext } from "../../scripts/docker/image-context.ts";
import { librariesOf } from "../../scripts/docker/libraries.ts";
import { serverImage } from "../../scripts/docker/server-image.ts";
import { natsServerPath, onPath } from "../../scripts/toolchain/paths.ts";
import type { Engine } from "./engine.ts";

/** Builds a folder under a name. */
async function build(engine: Engine, name: string, { folder }: ImageContext): Promise<string> {
  await engine.docker(["build", "--quiet", "--tag", name, folder], 120_000);
  return name;
}

/** The image of servers. `folder` is a place for what it is made of. */
export async function buildServerImage(engine: Engine, folder: string): Promise<string> {
  const helper = await dockerHelper(() => undefined);
  return build(engine, "natsby-server", serverImage(join(folder, "server"), { natsServer: natsServerPath(), helper }));
}

/** The same with busybox. */
export async function buildServerImageWithShell(engine: Engine, folder: string): Promise<string> {
  const from = await buildServerImage(engine, folder);
  const [busybox = ""] = onPath("busybox");
  const applets = execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n");
  // Debian leaves it out of busybox.
  const [cksum = ""] = onPath("cksum");
  const libraries = { ...librariesOf(busybox), ...librariesOf(cksum) };
  const files = Object.entries(libraries).map(([to, path]) => [`root/${to}`, path]);
  const context = makeContext(join(folder, "shell"), [`FROM ${from}`, "COPY root /"], {
    ...Object.fromEntries(files),
    "root/bin/busybox": busybox,
    "root/bin/cksum": cksum,
  });
  for (const applet of applets) {
    const link = join(context.folder, "root/bin", applet);
    if (!existsSync(link)) symlinkSync("busybox", link);
  }
  return build(engine, "natsby-shell", context);
}

/** Why there is none with a shell; null where there is. */
export const noShell = (): string | null =>
  onPath("busybox").length > 0 ? null : "there is no busybox: apt install busybox";
