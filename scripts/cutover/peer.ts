// One server as the cutover knows it: its plan, a warm connection to ask and reload it, and a tap. Decides nothing.

import type { LinkSeen } from "../../infra/core/observation.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import { type ClusterSecret, users } from "../../infra/core/secrets.ts";
import type { Stamp } from "../../infra/core/topology.ts";
import type { Host, RunningProcess } from "../../infra/hosts/host.ts";
import { isUnreachable } from "../../infra/hosts/hosts.ts";
import { type Login, withLogin } from "../../infra/observe/log-in.ts";
import { isCutOff, isRefused, isTimeout, natsProblem } from "../../infra/observe/nats.ts";
import { readLinks, readVarz, type VarzSeen } from "../../infra/observe/replies.ts";
import { ServerConnection } from "../../infra/observe/server-connection.ts";
import { Tap } from "../../infra/observe/tap.ts";

/** What every peer needs to be reached. */
export interface Reach {
  readonly clusterSecret: ClusterSecret;
  readonly subjects: readonly string[];
  readonly stamp: Stamp | null;
}

/** What a server is, and what reads its files. */
export interface PeerPlan {
  readonly plan: ServerPlan;
  readonly natsServer: string;
}

/** An upstream or a dummy. */
export class Peer implements AsyncDisposable {
  readonly plan: ServerPlan;
  /** Where it runs. */
  readonly host: Host;
  /** Path of the nats-server there that reads its files: the one that was placed for it, while another is still on its way. */
  readonly natsServer: string;
  readonly #reach: Reach;
  #connection: ServerConnection | null = null;
  #tap: Tap | null = null;
  /** Why there is no connection; null where there is one. */
  problem: string | null = "not connected yet";
  /** Nobody listens there: as against a server that does not answer. */
  absent = false;
  /** Nothing came back in time. */
  silent = false;
  /** On a host of its own: what a signal reaches in the same step as a file, where a request would be one more round trip. */
  process: RunningProcess | null = null;
  /** Whether its messages are listened to. Every tap costs the cutover time in the gap. */
  tapped = true;

  constructor({ plan, natsServer }: PeerPlan, host: Host, reach: Reach) {
    this.plan = plan;
    this.natsServer = natsServer;
    this.host = host;
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
    const connecting = this.#openConnection();
    // Only once it answers: a frozen one would be waited for twice.
    const tap = this.tapped ? Promise.all([first, connecting]).then(() => this.#openTap()) : null;
    await this.#settle([connecting, tap]);
  }

  /** Listens to one that was opened without a tap: it turned out to matter. */
  async listen(): Promise<void> {
    if (this.tapped) return;
    this.tapped = true;
    if (this.answers) await this.#settle([this.#openTap()]);
  }

  async #settle(opening: readonly (Promise<void> | null)[]): Promise<void> {
    const failed = (await Promise.allSettled(opening)).find((one) => one.status === "rejected");
    this.problem = failed === undefined ? null : natsProblem(failed.reason);
    this.absent = failed !== undefined && (await this.#isAbsent(failed.reason));
    this.silent = failed !== undefined && (isTimeout(failed.reason) || isUnreachable(failed.reason));
    // Half open is not open: an open connection would keep this process from ending.
    if (failed !== undefined) await this[Symbol.asyncDispose]();
  }

  /** A tunnel takes a connection before it knows that nobody listens at its end. */
  async #isAbsent(reason: unknown): Promise<boolean> {
    if (isRefused(reason)) return true;
    const processes = isCutOff(reason) ? await this.host.processes().catch(() => null) : null;
    return processes?.has(this.name) === false;
  }

  async #openConnection(): Promise<void> {
    this.#connection = await this.#as(users.system, (login) =>
      ServerConnection.open({ name: this.name, ...login }, this.plan.timeouts),
    );
  }

  async #openTap(): Promise<void> {
    const { subjects, stamp } = this.#reach;
    this.#tap = await this.#as(users.probe, (login) =>
      Tap.open({ ...login, subjects, stamp, timeoutMs: this.plan.timeouts.connect }),
    );
  }

  #as<T>(user: string, open: (login: Login) => Promise<T>): Promise<T> {
    return withLogin(this.host, this.plan, this.#reach.clusterSecret, user, open);
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
