// Free ports of this machine for tests. Nothing holds them afterwards: use them at once.

import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** Below the range from which the kernel takes ports for outgoing connections: else one could be gone before it is used. */
const [lowest, highest] = [10_000, 32_000];

/** As many different free ports on loopback: all are held while they are gathered, so none comes twice. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: { port: number; server: Server }[] = [];
  for (let tries = 0; held.length < count; tries++) {
    if (tries > 100 * count) throw new Error(`found ${held.length} of ${count} free ports`);
    const port = randomInt(lowest, highest);
    const server = await listen(port);
    if (server !== null) held.push({ port, server });
  }
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return held.map(({ port }) => port);
}

/** Null where somebody else listens. */
function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
