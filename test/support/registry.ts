// A registry of a test's own, on loopback, with one image in it: what an engine pulls from by digest. It only gives.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Engine } from "./engine.ts";
import { temporary } from "./temporary.ts";

/** A registry that listens. */
export interface Registry extends AsyncDisposable {
  /** The image by its digest, as an engine pulls it. */
  readonly image: string;
  /** How often its layers were asked for. */
  readonly pulled: () => number;
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Takes an image from an engine, where it stays. */
export async function registryOf(engine: Engine, image: string): Promise<Registry> {
  using folder = temporary("registry");
  const tar = join(folder.path, "image.tar");
  await engine.docker(["save", "--output", tar, image]);
  execFileSync("tar", ["-xf", tar, "-C", folder.path]);
  const [saved] = JSON.parse(readFileSync(join(folder.path, "manifest.json"), "utf8"));
  const blobs = new Map<string, Buffer>();
  const keep = (path: string, kind: string): Blob => {
    const bytes = readFileSync(join(folder.path, path));
    blobs.set(digestOf(bytes), bytes);
    return { mediaType: `application/vnd.oci.image.${kind}`, digest: digestOf(bytes), size: bytes.length };
  };
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const config = keep(saved.Config, "config.v1+json");
  const layers: readonly Blob[] = saved.Layers.map((path: string) => keep(path, "layer.v1.tar"));
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  blobs.set(digestOf(manifest), manifest);
  let pulled = 0;
  const server = createServer(({ url = "", method }, response) => {
    const [, kind, digest = ""] = /\/(manifests|blobs)\/(sha256:\w+)$/.exec(url) ?? [];
    const bytes = url === "/v2/" ? Buffer.from("{}") : blobs.get(digest);
    if (bytes === undefined) return response.writeHead(404).end();
    const type = kind === "manifests" ? mediaType : "application/octet-stream";
    if (layers.some((layer) => layer.digest === digest)) pulled++;
    const more = kind === undefined ? {} : { "Docker-Content-Digest": digest };
    response.writeHead(200, { "Content-Type": type, "Content-Length": bytes.length, ...more });
    return method === "HEAD" ? response.end() : response.end(bytes);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    image: `127.0.0.1:${port}/nats@${digestOf(manifest)}`,
    pulled: () => pulled,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
