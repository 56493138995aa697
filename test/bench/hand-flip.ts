// A flip done by hand, as short as it can be: write both role files, reload the one, ask until it is gone everywhere,
// reload the other. One safety of natsby's can be added at a time, so that its price is seen. It proves nothing afterwards.

import { rename, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { json } from "node:stream/consumers";
import { fileOf } from "../../infra/core/layout.ts";
import { renderRoleFile, routesOf } from "../../infra/core/role-file.ts";
import { passwordOf, userOf, users } from "../../infra/core/secrets.ts";
import { type Dummy, publisherOf, type Topology } from "../../infra/core/topology.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { localHost } from "../../infra/hosts/local.ts";
import { ServerConnection } from "../../infra/observe/server-connection.ts";
import { Tap } from "../../infra/observe/tap.ts";

/** What is added to the bare flip. */
export interface Safeties {
  /** Attach only when the standby's dummy heard what the upstreams heard last. */
  readonly fresh?: boolean;
  /** Take a ticket first, sync the files, and put them in place under the host's lock and guard. */
  readonly claim?: boolean;
}

/** From whom to whom, and where. */
export interface HandRequest {
  readonly topology: Topology;
  readonly clusterSecret: string;
  readonly from: string;
  readonly to: string;
  readonly safeties: Safeties;
}

const goneMs = 5_000;

/** Flips once, with everything opened and written before the first reload. */
export async function flipByHand(request: HandRequest): Promise<void> {
  await using hands = await Hands.open(request);
  await hands.prepare();
  await hands.flip();
}

/** What is open while a flip is made. */
class Hands implements AsyncDisposable {
  readonly #request: HandRequest;
  readonly #host: Host;
  readonly #old: Open;
  readonly #next: Open;
  readonly #upstreamTaps: readonly Tap[];
  readonly #agent = new Agent({ keepAlive: true });
  #ticket = 1;

  private constructor(request: HandRequest, old: Open, next: Open, upstreamTaps: readonly Tap[]) {
    this.#host = localHost(request.topology.dataDir);
    [this.#request, this.#old, this.#next, this.#upstreamTaps] = [request, old, next, upstreamTaps];
  }

  static async open(request: HandRequest): Promise<Hands> {
    const { topology, clusterSecret, from, to, safeties } = request;
    const tapped = safeties.fresh === true;
    const [old, next, ...taps] = await Promise.all([
      open(request, publisherOf(topology, from).dummy, false),
      open(request, publisherOf(topology, to).dummy, tapped),
      ...(tapped ? topology.upstreams.map((upstream) => tapAt(topology, clusterSecret, upstream)) : []),
    ]);
    return new Hands(request, old, next, taps);
  }

  /** Both role files are written: beside the old ones, so that a reload in between would change nothing. */
  async prepare(): Promise<void> {
    const { topology, to, safeties } = this.#request;
    if (safeties.claim) {
      this.#ticket = (await this.#host.guard()).ticket + 1;
      await this.#host.claim(this.#claim);
    }
    await this.#stage(this.#old.dummy, []);
    await this.#stage(this.#next.dummy, routesOf({ ...topology, activePublisher: to }, to));
    await Promise.all(topology.upstreams.map(({ monitorPort }) => this.#routes(monitorPort ?? 0)));
  }

  async flip(): Promise<void> {
    await this.#commit(this.#old.dummy);
    await this.#old.connection.reload();
    await this.#gone();
    if (this.#request.safeties.fresh) await this.#fresh();
    await this.#commit(this.#next.dummy);
    await this.#next.connection.reload();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    const { connection, tap } = this.#next;
    const all = [this.#old.connection, connection, tap, ...this.#upstreamTaps];
    await Promise.all(all.map((one) => one?.[Symbol.asyncDispose]()));
  }

  get #claim() {
    const { epoch, fenced } = this.#request.topology;
    return { epoch, fenced, ticket: this.#ticket };
  }

  async #stage(dummy: Dummy, routes: readonly string[]): Promise<void> {
    const path = this.#roleFile(dummy);
    const text = renderRoleFile({ dummy: dummy.name, routes, epoch: this.#claim.epoch, ticket: this.#ticket });
    if (this.#request.safeties.claim) await this.#host.stage(path, text, 0o600, this.#claim);
    else await writeFile(`${path}.next`, text);
  }

  async #commit(dummy: Dummy): Promise<void> {
    const path = this.#roleFile(dummy);
    if (this.#request.safeties.claim) await this.#host.commit(path, this.#claim);
    else await rename(`${path}.next`, path);
  }

  #roleFile = ({ name }: Dummy): string => fileOf(this.#request.topology.dataDir, name, "role");

  async #gone(): Promise<void> {
    const { name } = this.#old.dummy;
    const deadline = performance.now() + goneMs;
    const monitors = this.#request.topology.upstreams.map(({ monitorPort }) => monitorPort ?? 0);
    const linked = async () => (await Promise.all(monitors.map((port) => this.#routes(port)))).flat().includes(name);
    while (await linked()) {
      if (performance.now() > deadline) throw new Error(`${name} was not gone within ${goneMs} ms`);
    }
  }

  /** Names of the servers that have a route to the one with this monitoring port. */
  async #routes(port: number): Promise<readonly string[]> {
    const response = new Promise<Parameters<typeof json>[0]>((resolve, reject) => {
      get({ host: "127.0.0.1", port, path: "/routez", agent: this.#agent }, resolve).once("error", reject);
    });
    const { routes = [] } = (await json(await response)) as { routes?: { remote_name: string }[] };
    return routes.map(({ remote_name }) => remote_name);
  }

  async #fresh(): Promise<void> {
    await Promise.all(this.#upstreamTaps.map((tap) => tap.flush(goneMs)));
    const newest = Math.max(...this.#upstreamTaps.map(newestOf));
    const { tap } = this.#next;
    const isFresh = await tap?.until(() => newestOf(tap) >= newest, goneMs);
    if (isFresh !== true) throw new Error(`${this.#next.dummy.name} did not hear ${newest} within ${goneMs} ms`);
  }
}

const newestOf = ({ newest }: Tap): number => Math.max(...[...newest.values()].map(({ stamp }) => stamp));

interface Open {
  readonly dummy: Dummy;
  readonly connection: ServerConnection;
  readonly tap: Tap | null;
}

async function open({ topology, clusterSecret }: HandRequest, dummy: Dummy, tapped: boolean): Promise<Open> {
  const url = `nats://${dummy.address}:${dummy.clientPort}`;
  const password = passwordOf(clusterSecret, dummy.name, users.system);
  const server = { name: dummy.name, url, user: userOf(clusterSecret, users.system), password };
  const [connection, tap] = await Promise.all([
    ServerConnection.open(server, topology.timeouts),
    tapped ? tapAt(topology, clusterSecret, dummy) : null,
  ]);
  return { dummy, connection, tap };
}

function tapAt({ subjects, stamp, timeouts }: Topology, clusterSecret: string, { name, address, clientPort }: Dummy) {
  const password = passwordOf(clusterSecret, name, users.probe);
  const url = `nats://${address}:${clientPort}`;
  return Tap.open({
    url,
    user: userOf(clusterSecret, users.probe),
    password,
    subjects,
    stamp,
    timeoutMs: timeouts.connect,
  });
}
