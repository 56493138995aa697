// Prepares, in this checkout, the folders that Pulumi has images built from. What tells one image from the next is the same on every machine.

import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot, runtimeDir, type Variables } from "../toolchain/paths.ts";
import type { OnProgress } from "../toolchain/progress.ts";
import { natsServerFor } from "../toolchain/stack-versions.ts";
import { dockerHelper } from "./helper.ts";
import { makeContext } from "./image-context.ts";
import { publisherImage } from "./publisher-image.ts";
import { officialServerImage, serverImage } from "./server-image.ts";

/** Another name for an image. */
const tagLines = ["ARG BASE", "FROM $BASE"];

const imagesDir = join(runtimeDir, "images");

/** Those of servers of these versions, and the reference publisher's; nothing to do where they are there already. */
export async function prepareImages(
  versions: readonly string[],
  onProgress: OnProgress,
  env: Variables = process.env,
): Promise<void> {
  prepare("tag", digestOf(tagLines), (folder) => makeContext(folder, tagLines, {}));
  const helper = await dockerHelper(onProgress, env);
  const made = [dirname(helper).split("/").at(-1) ?? "", textOf("scripts/docker/server-image.ts")];
  prepare("official", digestOf(made), (folder) => officialServerImage(folder, { helper }));
  for (const version of versions) {
    const digest = digestOf([version, ...made]);
    prepare(`server-${version}`, digest, (folder) =>
      serverImage(folder, { natsServer: natsServerFor(version, env), helper }),
    );
  }
  const parts = [
    "scripts/publisher/*.ts",
    "infra/core/**/*.ts",
    "infra/observe/nats.ts",
    "scripts/docker/publisher-image.ts",
  ];
  const sources = globSync(parts, { cwd: projectRoot }).toSorted().map(textOf);
  prepare("publisher", digestOf([process.version, ...sources]), publisherImage);
}

function prepare(kind: string, digest: string, make: (folder: string) => unknown): void {
  const folder = join(imagesDir, kind);
  const note = `${folder}.digest`;
  if (existsSync(note) && readFileSync(note, "utf8") === digest) return;
  make(folder);
  writeFileSync(note, digest);
}

const textOf = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

const digestOf = (parts: readonly string[]): string =>
  createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
