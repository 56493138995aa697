// Where a stack's nats-server is: the toolchain's on this machine, as it was brought to each host, or as it is in containers' image.

import { natsServerInImage, natsServerThere } from "../infra/core/layout.ts";
import type { Topology } from "../infra/core/topology.ts";
import { natsServerFor } from "./toolchain/stack-versions.ts";

/** The path is the same on every host. @throws UserError where this machine should have it and has not. */
export function natsServerOf({ dataDir, hosts, engines, natsServerVersion }: Topology): string {
  if (engines !== undefined) return natsServerInImage;
  return hosts === undefined ? natsServerFor(natsServerVersion) : natsServerThere(dataDir, natsServerVersion);
}
