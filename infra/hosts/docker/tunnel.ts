// Ports of an engine's containers, reached at a port of this machine's loopback: each connection is a program of its own, that dials from
// within the stack's network or, over the ssh connection that is there already, from the engine's host.

import { spawn } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { argvOf, dockerEnvironment, type Engine } from "./engine.ts";
import type { SshWay } from "./ssh-way.ts";

/** Where a tunnel begins. */
interface TunnelEnd {
  readonly address: string;
  readonly port: number;
}

const here = "127.0.0.1";

type Argv = readonly [string, ...string[]];

/** Every tunnel of one engine. */
export class Tunnels {
  readonly #engine: Engine;
  readonly #keeper: string;
  readonly #way: SshWay | null;
  readonly #open = new Map<string, Promise<TunnelEnd>>();
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();

  /** @param way to an engine that is not this machine's */
  constructor(engine: Engine, keeper: string, way: SshWay | null) {
    this.#engine = engine;
    this.#keeper = keeper;
    this.#way = way;
  }

  /** A port that is published on the engine's host. @param address where. @default its loopback */
  published(port: number, address: string = here): Promise<TunnelEnd> {
    const way = this.#way;
    if (way === null) return Promise.resolve({ address, port });
    return this.#reach(`host ${address} ${port}`, () => way.dial(address, port));
  }

  /** A container's port, by its name in the stack's network. */
  within(port: number, address: string): Promise<TunnelEnd> {
    const words = ["exec", "--interactive", this.#keeper, "/natsby-helper", "dial", address, String(port)];
    return this.#reach(`keeper ${address} ${port}`, () => argvOf(this.#engine, words));
  }

  #reach(place: string, argv: () => Promise<Argv>): Promise<TunnelEnd> {
    const known = this.#open.get(place) ?? this.#listen(argv);
    this.#open.set(place, known);
    return known;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(argv: () => Promise<Argv>): Promise<TunnelEnd> {
    const server = createServer((socket) => {
      argv().then(
        (words) => this.#connect(socket, words),
        () => socket.resetAndDestroy(),
      );
    });
    this.#servers.add(server.unref());
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, here, resolve));
    return { address: here, port: (server.address() as { port: number }).port };
  }

  /** Where nobody listens there, whoever came is told by a hang-up. */
  #connect(socket: Socket, [program, ...args]: Argv): void {
    const child = spawn(program, args, { env: dockerEnvironment(), stdio: ["pipe", "pipe", "ignore"] });
    this.#sockets.add(socket.setNoDelay(true));
    child.once("error", () => socket.resetAndDestroy());
    for (const stream of [child.stdin, child.stdout]) stream.on("error", () => undefined);
    socket
      .on("error", () => undefined)
      .once("close", () => {
        this.#sockets.delete(socket);
        child.kill();
      });
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
  }
}
