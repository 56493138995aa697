// The image of the reference publisher: this machine's Node with its libraries, and the program. No registry is needed.

import { join } from "node:path";
import { containerFolder } from "../../infra/core/layout.ts";
import { projectRoot } from "../toolchain/paths.ts";
import { type ImageContext, imageUser, makeContext } from "./image-context.ts";
import { librariesOf } from "./libraries.ts";

/** Parts of the project that the reference publisher is made of. */
const sources = ["package.json", "scripts/publisher", "infra/core", "infra/observe/nats.ts"];
const packages = ["nats", "nkeys.js", "tweetnacl"];

/** Prepares a folder to build it from. */
export function publisherImage(folder: string): ImageContext {
  const { uid, gid } = imageUser;
  const dockerfile = [
    "FROM scratch",
    "COPY root /",
    `COPY --chown=${uid}:${gid} data ${containerFolder}`,
    `USER ${uid}:${gid}`,
    `WORKDIR ${containerFolder}`,
    'CMD ["/node", "/natsby-app/scripts/publisher/main.ts"]',
  ];
  const libraries = Object.entries(librariesOf(process.execPath)).map(([to, from]) => [`root/${to}`, from]);
  const app = [...sources, ...packages.map((name) => `node_modules/${name}`)].map((path) => [
    `root/natsby-app/${path}`,
    join(projectRoot, path),
  ]);
  const files = { ...Object.fromEntries([...libraries, ...app]), "root/node": process.execPath, "data/": "" };
  return makeContext(folder, dockerfile, files);
}
