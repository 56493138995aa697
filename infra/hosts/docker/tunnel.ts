// Ports of an engine's containers, reached at a port of this machine's loopback: each connection is a program of its own, that dials from
// within the stack's network or, by ssh, from the engine's host.

import { spawn } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { argvOf, dockerEnvironment, type Engine } from "./engine.ts";

/** Where a tunnel begins. */
interface TunnelEnd {
  readonly address: string;
  readonly port: number;
}

const here = "127.0.0.1";

/** Every tunnel of one engine. */
export class Tunnels {
  readonly #engine: Engine;
  readonly #keeper: string;
  readonly #open = new Map<string, Promise<TunnelEnd>>();
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();

  constructor(engine: Engine, keeper: string) {
    this.#engine = engine;
    this.#keeper = keeper;
  }

  /** A port that is published on the loopback of the engine's host, or a container's by its name in the stack's network. */
  reach(port: number, address: string = here): Promise<TunnelEnd> {
    if (address === here && this.#engine.url.startsWith("unix://")) return Promise.resolve({ address, port });
    const place = `${address} ${port}`;
    const known = this.#open.get(place) ?? this.#listen(this.#wayTo(address, port));
    this.#open.set(place, known);
    return known;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #wayTo(address: string, port: number): readonly [string, ...string[]] {
    if (address !== here) {
      return argvOf(this.#engine, [
        ...["exec", "--interactive", this.#keeper, "/natsby-helper", "dial", address, String(port)],
      ]);
    }
    const { username, hostname, port: sshPort } = new URL(this.#engine.url);
    const options = ["-o", "BatchMode=yes", ...(sshPort === "" ? [] : ["-p", sshPort])];
    return ["ssh", ...options, "-W", `${address}:${port}`, username === "" ? hostname : `${username}@${hostname}`];
  }

  async #listen(argv: readonly [string, ...string[]]): Promise<TunnelEnd> {
    const server = createServer((socket) => this.#connect(socket, argv));
    this.#servers.add(server.unref());
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, here, resolve));
    return { address: here, port: (server.address() as { port: number }).port };
  }

  /** Where nobody listens there, whoever came is told by a hang-up. */
  #connect(socket: Socket, [program, ...args]: readonly [string, ...string[]]): void {
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
