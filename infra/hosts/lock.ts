// A lock that the kernel frees when its holder dies: an abstract Unix socket (Linux). No lock file, so none can go stale.

import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../core/errors.ts";
import { exitCodes } from "../core/exit-codes.ts";

const retryMs = 5;

/**
 * Runs `work` while holding the lock called `name`.
 * @throws UserError exit 7 when the lock is not free within `withinMs`.
 */
export async function withLock<T>(name: string, withinMs: number, work: () => Promise<T>): Promise<T> {
  const server = await acquire(name, withinMs);
  try {
    return await work();
  } finally {
    server.close();
  }
}

async function acquire(name: string, withinMs: number): Promise<Server> {
  const path = `\0natsby-${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const server = await listen(path);
    if (server !== null) return server;
    if (performance.now() > deadline) {
      throw new UserError(`gave up after ${withinMs / 1000} s waiting for the lock of ${name}`, {
        code: "locked",
        exitCode: exitCodes.locked,
        hint: "another run of natsby holds it (perhaps a stopped one): `ps -o pid,stat,args -C node` shows it",
      });
    }
    await sleep(retryMs);
  }
}

/** Null when somebody else listens there. */
function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(null) : reject(error),
    );
    server.listen({ path }, () => resolve(server));
  });
}
