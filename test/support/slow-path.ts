// A slow path from a publisher to its dummy: a TCP proxy that holds everything back for a while, in order.

import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "./until.ts";

/** A busy machine lets a timer wait. */
const steadyMs = 50;

/** Forwards to a port of this machine; what goes there comes `delayMs` late. */
export class SlowPath implements Disposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** When the newest chunk that came through had been sent. */
  #sentAt = 0;
  #lateness = 0;
  delayMs = 0;

  private constructor(to: number) {
    this.#server = createServer((from) => this.#forward(from, to));
  }

  static async to(port: number): Promise<SlowPath> {
    const path = new SlowPath(port);
    await new Promise<void>((resolve) => path.#server.listen(0, "127.0.0.1", resolve));
    return path;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Changes the delay, and returns when what comes through is late by that and no more. */
  async delay(ms: number): Promise<void> {
    this.delayMs = ms;
    const changedAt = performance.now();
    const isSteady = () => this.#sentAt > changedAt && this.#lateness < ms + steadyMs;
    await until("the delay is steady", isSteady, ms + 10_000);
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #forward(from: Socket, port: number): void {
    from.setNoDelay(true);
    const to = connect(port, "127.0.0.1").setNoDelay(true);
    const both = [
      [from, to],
      [to, from],
    ] as const;
    for (const [one, other] of both) {
      this.#sockets.add(one);
      one.on("error", () => undefined).once("close", () => other.destroy());
    }
    to.pipe(from);
    let before = Promise.resolve();
    from.on("data", (chunk) => {
      const sentAt = performance.now();
      const due = sentAt + this.delayMs;
      before = before.then(async () => {
        const left = due - performance.now();
        if (left > 0) await sleep(left);
        to.write(chunk);
        this.#sentAt = sentAt;
        this.#lateness = performance.now() - sentAt;
      });
    });
  }
}
