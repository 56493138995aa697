// One server as the cutover knows it: its plan, a warm connection to ask and reload it, and a tap. Decides nothing.

import type { LinkSeen } from "../../infra/core/observation.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import { passwordOf, users } from "../../infra/core/secrets.ts";
import type { Stamp } from "../../infra/core/topology.ts";
import { isRefused, natsProblem } from "../../infra/observe/nats.ts";
import { readLinks, readVarz, type VarzSeen } from "../../infra/observe/replies.ts";
import { ServerConnection } from "../../infra/observe/server-connection.ts";
import { Tap } from "../../infra/observe/tap.ts";

/** What every peer needs to be reached. */
export interface Reach {
  readonly clusterSecret: string;
  readonly subjects: readonly string[];
  readonly stamp: Stamp | null;
}

/** An upstream or a dummy. */
export class Peer implements AsyncDisposable {
  readonly plan: ServerPlan;
  readonly #reach: Reach;
  #connection: ServerConnection | null = null;
  #tap: Tap | null = null;
  /** Why there is no connection; null where there is one. */
  problem: string | null = "not connected yet";
  /** Nobody listens there: as against a server that does not answer. */
  absent = false;

  constructor(plan: ServerPlan, reach: Reach) {
    this.plan = plan;
    this.#reach = reach;
  }

  get name(): string {
    return this.plan.name;
  }

  /** Whether it can be asked. */
  get answers(): boolean {
    return this.#connection !== null;
  }

  get id(): string | null {
    return this.#connection?.id ?? null;
  }

  get tap(): Tap | null {
    return this.#tap;
  }

  /**
   * Opens both connections; a failure is remembered, not thrown.
   * @param first the tap is not opened before this ended. @default at once
   */
  async open(first: Promise<unknown> = Promise.resolve()): Promise<void> {
    await this[Symbol.asyncDispose]();
    const opening = [this.#openConnection(), first.then(() => this.#openTap())];
    const failed = (await Promise.allSettled(opening)).find((one) => one.status === "rejected");
    this.problem = failed === undefined ? null : natsProblem(failed.reason);
    this.absent = failed !== undefined && isRefused(failed.reason);
    // Half open is not open: an open connection would keep this process from ending.
    if (failed !== undefined) await this[Symbol.asyncDispose]();
  }

  async #openConnection(): Promise<void> {
    this.#connection = await ServerConnection.open(
      { name: this.name, ...this.#login(users.system) },
      this.plan.timeouts,
    );
  }

  async #openTap(): Promise<void> {
    const { subjects, stamp } = this.#reach;
    this.#tap = await Tap.open({
      ...this.#login(users.probe),
      ...{ subjects, stamp, timeoutMs: this.plan.timeouts.connect },
    });
  }

  #login(user: string): { url: string; user: string; password: string } {
    const { name, address, clientPort } = this.plan;
    return {
      url: `nats://${address}:${clientPort}`,
      user,
      password: passwordOf(this.#reach.clusterSecret, name, user),
    };
  }

  /** Its links, as it lists them now. */
  async links(): Promise<readonly LinkSeen[]> {
    const connection = this.#required();
    const [routez, leafz] = await Promise.all([connection.ask("ROUTEZ"), connection.ask("LEAFZ")]);
    return readLinks(routez, leafz);
  }

  /** What it says of itself now. */
  async state(): Promise<VarzSeen> {
    return readVarz(await this.#required().ask("VARZ"));
  }

  async reload(): Promise<void> {
    await this.#required().reload();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [this.#connection, this.#tap];
    this.#connection = null;
    this.#tap = null;
    await Promise.allSettled(open.map((one) => one?.[Symbol.asyncDispose]()));
  }

  #required(): ServerConnection {
    if (this.#connection === null) throw new Error(`${this.name} cannot be asked: ${this.problem}`);
    return this.#connection;
  }
}
