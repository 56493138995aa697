// Has a server of a test stack read its files again, answered when it did: as natsby does it, not by a signal.

import { passwordOf, userOf, users } from "../../infra/core/secrets.ts";
import { ServerConnection } from "../../infra/observe/server-connection.ts";
import type { TestStack } from "./stack.ts";

/** Opens a connection of its own: `reload` takes about 2 ms each time. */
export function controlOf(stack: TestStack, name: string): Promise<ServerConnection> {
  const { clusterSecret, topology } = stack;
  const server = [...topology.upstreams, ...topology.publishers.map(({ dummy }) => dummy)].find(
    (one) => one.name === name,
  );
  const user = userOf(clusterSecret, users.system);
  const password = passwordOf(clusterSecret, name, users.system);
  const url = `nats://127.0.0.1:${server?.clientPort}`;
  return ServerConnection.open({ name, url, user, password }, topology.timeouts);
}
