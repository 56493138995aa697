// natsby's images on a test's own engine, built by the engine's own command. With the programs of busybox in them tests can look around.

import { execFileSync } from "node:child_process";
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
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

/** A publisher of a user's own, in an image of its own: it speaks NATS by itself, and says which version it is. */
export async function buildUserImage(engine: Engine, folder: string, version: string, rate: number): Promise<string> {
  const program = join(folder, "main.js");
  writeFileSync(program, userProgram(version, rate));
  const libraries = Object.entries(librariesOf(process.execPath)).map(([to, from]) => [`root/${to}`, from]);
  const files = { ...Object.fromEntries(libraries), "root/node": process.execPath, "root/main.js": program };
  const lines = ["FROM scratch", "COPY root /", 'CMD ["/node", "/main.js"]'];
  return build(engine, `prices:${version}`, makeContext(join(folder, version), lines, files));
}

const userProgram = (version: string, rate: number): string => `
  const { NATS_URL, NATS_USER: user, NATS_PASSWORD: pass, NATSBY_PUBLISHER: publisher } = process.env;
  const { hostname, port } = new URL(NATS_URL);
  const now = () => Math.floor((Date.now() * ${rate}) / 1000);
  let seq = now();
  const socket = require("node:net").connect(Number(port), hostname);
  socket.setNoDelay(true).write("CONNECT " + JSON.stringify({ user, pass, verbose: false }) + "\\r\\n");
  socket.on("data", (part) => String(part).includes("PING") && socket.write("PONG\\r\\n"));
  for (const end of ["error", "close"]) socket.on(end, () => process.exit(1));
  process.on("SIGTERM", () => process.exit());
  console.log("prices ${version}");
  setInterval(() => {
    for (; seq < now(); seq++) {
      const text = JSON.stringify({ publisher, seq, at: new Date().toISOString() });
      socket.write("PUB test " + text.length + "\\r\\n" + text + "\\r\\n");
    }
  }, ${1_000 / rate});
`;

/** An image from scratch with a nats-server in it and nothing else, as the official one is. */
export async function buildOfficialImage(engine: Engine, folder: string, natsServer: string): Promise<string> {
  const lines = ["FROM scratch", "COPY nats-server /"];
  return build(engine, "official", makeContext(join(folder, "official"), lines, { "nats-server": natsServer }));
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
