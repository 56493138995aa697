// Hands on connections to a port of one address to the same port of another. As a program it does so for its arguments (from, to,
// port, as often as wanted), until whoever started it is gone.

import { connect, createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";

/** Listens until it is closed; what cannot be handed on is cut off, as by nobody who listens. */
export async function forward(from: string, to: string, port: number): Promise<Server> {
  const server = createServer((one) => {
    const other = connect(port, to);
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      here.on("error", () => undefined).once("close", () => there.destroy());
      here.pipe(there);
    }
  });
  server.unref();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, from, resolve));
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once("disconnect", () => process.exit(0));
  for (let rest = process.argv.slice(2); rest.length > 0; rest = rest.slice(3)) {
    const [from = "", to = "", port = ""] = rest;
    await forward(from, to, Number(port));
  }
  process.send?.("listening");
}
