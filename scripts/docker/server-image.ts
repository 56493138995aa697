// The image of every nats-server on the platform docker: the server and natsby-helper, both static, and nothing else.

import { containerFolder } from "../../infra/core/layout.ts";
import { type ImageContext, imageUser, makeContext } from "./image-context.ts";

/** What goes into it. */
export interface ServerImage {
  /** A static nats-server. */
  readonly natsServer: string;
  /** natsby-helper. */
  readonly helper: string;
}

/** Prepares a folder to build it from. Without another command such a container holds the stack's files for natsby and does nothing. */
export function serverImage(folder: string, { natsServer, helper }: ServerImage): ImageContext {
  const dockerfile = ["FROM scratch", "COPY nats-server natsby-helper /", ...holdsFiles];
  return makeContext(folder, dockerfile, { "nats-server": natsServer, "natsby-helper": helper, "data/": "" });
}

/** The same with the nats-server of an image from scratch that others made, such as the official one: the build argument OFFICIAL. */
export function officialServerImage(folder: string, { helper }: Pick<ServerImage, "helper">): ImageContext {
  const from = ["ARG OFFICIAL", "FROM $OFFICIAL AS official", "FROM scratch", "COPY --from=official /nats-server /"];
  const dockerfile = [...from, "COPY natsby-helper /", ...holdsFiles];
  return makeContext(folder, dockerfile, { "natsby-helper": helper, "data/": "" });
}

const { uid, gid } = imageUser;
const holdsFiles = [
  `COPY --chown=${uid}:${gid} data ${containerFolder}`,
  `USER ${uid}:${gid}`,
  `WORKDIR ${containerFolder}`,
  'CMD ["/natsby-helper", "wait"]',
];
