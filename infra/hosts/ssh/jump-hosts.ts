// Connections to jump hosts: one each, for all the hosts behind it. An sshd drops some of those who come at once and have not logged
// in (MaxStartups: of more than ten), and every host of a large stack comes at once.

import type { Duplex } from "node:stream";
import type { SshTarget } from "./target.ts";

/** What a connection to a jump host is for. */
interface Forwards {
  /** Connects to a port from there. */
  forward(address: string, port: number): Promise<Duplex>;
}

/** What is shared: `Connection` of connection.ts. */
interface Door extends Forwards {
  close(): void;
  readonly closed: Promise<void>;
}

/** A share of a connection: whoever has one gives it back. */
export interface Way extends Forwards {
  /** The connection ends with the last share. */
  giveBack(): void;
}

interface Shared {
  readonly opening: Promise<Door>;
  users: number;
}

/** The jump hosts of one set of hosts. */
export class JumpHosts {
  readonly #connect: (jump: SshTarget) => Promise<Door>;
  readonly #shared = new Map<string, Shared>();

  /** @param connect opens a connection to a jump host */
  constructor(connect: (jump: SshTarget) => Promise<Door>) {
    this.#connect = connect;
  }

  /** A share of the connection to one, which is made where there is none. @throws whatever `connect` throws */
  async way(jump: SshTarget): Promise<Way> {
    const shared = this.#shared.get(jump.name) ?? this.#open(jump);
    shared.users += 1;
    const giveBack = once(() => this.#leave(jump, shared));
    try {
      const { forward } = await shared.opening;
      return { forward, giveBack };
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  #open(jump: SshTarget): Shared {
    const shared = { opening: this.#connect(jump), users: 0 };
    this.#shared.set(jump.name, shared);
    // Whoever comes next connects anew.
    const forget = (): void => this.#forget(jump, shared);
    shared.opening.then(({ closed }) => closed.then(forget), forget);
    return shared;
  }

  #leave(jump: SshTarget, shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#forget(jump, shared);
    shared.opening.then(
      (connection) => connection.close(),
      () => undefined,
    );
  }

  #forget(jump: SshTarget, shared: Shared): void {
    if (this.#shared.get(jump.name) === shared) this.#shared.delete(jump.name);
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
