// Ports of a host, reached at a port of this machine's loopback: each connection there is a channel of the host's one connection.

import { createServer, type Server, type Socket } from "node:net";
import type { Session } from "./session.ts";

/** Where a tunnel begins. */
export interface TunnelEnd {
  readonly address: string;
  readonly port: number;
}

const here = "127.0.0.1";

/** Every tunnel of one host. */
export class Tunnels {
  readonly #session: Session;
  readonly #open = new Map<string, Promise<TunnelEnd>>();
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** The same one for the same place. */
  async reach(port: number, address: string): Promise<TunnelEnd> {
    await this.#session.open();
    const place = `${address} ${port}`;
    const known = this.#open.get(place) ?? this.#listen(address, port);
    this.#open.set(place, known);
    return known;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(address: string, port: number): Promise<TunnelEnd> {
    const server = createServer((socket) => void this.#connect(socket, address, port));
    this.#servers.add(server.unref());
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, here, resolve));
    return { address: here, port: (server.address() as { port: number }).port };
  }

  /** Where nobody listens there, whoever came is told by a hang-up. */
  async #connect(socket: Socket, address: string, port: number): Promise<void> {
    this.#sockets.add(socket.setNoDelay(true));
    socket.on("error", () => undefined).once("close", () => this.#sockets.delete(socket));
    try {
      const channel = await this.#session.forward(address, port);
      channel.on("error", () => undefined).once("close", () => socket.destroy());
      socket.once("close", () => channel.close());
      socket.pipe(channel).pipe(socket);
    } catch {
      socket.resetAndDestroy();
    }
  }
}
