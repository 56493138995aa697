// A whole small stack for one test: real nats-servers on natsby's own files, linked by hand, with real publishers; no Pulumi and no cutover.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pinOf } from "../../infra/core/certificates.ts";
import { fileNames, fileOf, folderOf } from "../../infra/core/layout.ts";
import { renderPinsFile } from "../../infra/core/pins-file.ts";
import { dummyPlan, type ServerPlan, upstreamPlan } from "../../infra/core/plan.ts";
import { renderRoleFile, routesOf } from "../../infra/core/role-file.ts";
import { passwordOf } from "../../infra/core/secrets.ts";
import { publisherOf, type Topology } from "../../infra/core/topology.ts";
import { findProcesses, type RunningProcess, signalProcess, stopProcess } from "../../infra/hosts/processes.ts";
import { startProcess } from "../../infra/hosts/start-process.ts";
import { placeServerFiles } from "../../scripts/apply/server-files.ts";
import { publisherProgram } from "../../scripts/publisher/program.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { freePorts } from "./ports.ts";
import { testPublisher, testTopology, testUpstream } from "./topology.ts";
import { until } from "./until.ts";

/** What stack to make. */
export interface StackOptions {
  /** @default 2 */
  readonly upstreams?: number;
  /** @default 2 */
  readonly publishers?: number;
  /** Put over the topology: timeouts, subjects. @default nothing */
  readonly over?: Partial<Topology>;
  /** Messages a second of every publisher. @default 50 */
  readonly rate?: number;
  /** Run natsby's reference publisher. @default false: a plain one without any library */
  readonly reference?: boolean;
  /** Changes the base config of every server before it is placed. @default none: as natsby renders it */
  readonly base?: (text: string) => string;
}

/** Starts a healthy stack: every server runs, `publisher0` is attached and heard, `publisher1` stands by. */
export async function startStack(options: StackOptions = {}): Promise<TestStack> {
  const upstreams = options.upstreams ?? 2;
  const publishers = options.publishers ?? 2;
  const ports = await freePorts(3 * upstreams + 2 * publishers);
  const next = () => ports[taken++] ?? 0;
  let taken = 0;
  const topology = testTopology({
    dataDir: await mkdtemp(join(tmpdir(), "natsby-stack-")),
    upstreams: Array.from({ length: upstreams }, (_, n) =>
      testUpstream(n, { clientPort: next(), clusterPort: next(), monitorPort: next() }),
    ),
    publishers: Array.from({ length: publishers }, (_, n) =>
      testPublisher(n, { clientPort: next(), monitorPort: next() }),
    ),
    ...options.over,
  });
  const stack = new TestStack(topology, options);
  try {
    await stack.start();
    return stack;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

/** A running stack. */
export class TestStack implements AsyncDisposable {
  readonly topology: Topology;
  readonly clusterSecret = "a secret of tests, long enough to be one";
  readonly natsServer: string = natsServerPath();
  readonly #rate: number;
  readonly #isReference: boolean;
  readonly #base: (text: string) => string;

  constructor(topology: Topology, { rate = 50, reference = false, base = (text) => text }: StackOptions = {}) {
    [this.topology, this.#rate, this.#isReference, this.#base] = [topology, rate, reference, base];
  }

  async start(): Promise<void> {
    const plans = this.#plans();
    for (const plan of plans) {
      const options = { lists: "exact", resetRole: true, natsServer: this.natsServer } as const;
      await placeServerFiles({ ...plan, base: this.#base(plan.base) }, this.clusterSecret, options);
    }
    for (const { name } of this.topology.upstreams) await this.writePins(name);
    for (const { name } of this.topology.publishers) await this.writeRole(name);
    await Promise.all(plans.map(({ name }) => this.startServer(name)));
    await Promise.all(this.topology.publishers.map(({ name }) => this.startPublisher(name)));
    await until("every upstream is linked", () => this.#linked(), 10_000);
  }

  /** The one process of a server or publisher. */
  processOf(name: string): RunningProcess {
    const [found] = findProcesses(this.topology.dataDir).get(name) ?? [];
    if (found === undefined) throw new Error(`${name} has no process`);
    return found;
  }

  /** Signals it: SIGSTOP freezes it, SIGHUP reloads a server. */
  signal(name: string, signal: NodeJS.Signals): void {
    signalProcess(this.processOf(name), signal);
  }

  /** Ends the process of a server or publisher at once. */
  async kill(name: string): Promise<void> {
    await stopProcess(this.processOf(name), { withinMs: 5_000 });
  }

  /** Starts a server and waits until it answers. */
  async startServer(name: string): Promise<void> {
    const { dataDir } = this.topology;
    const cwd = folderOf(dataDir, name);
    const argv = [this.natsServer, "-c", fileNames.base] as const;
    await startProcess({ dataDir, name, argv, cwd, output: `${cwd}/start.log` });
    await until(`${name} answers`, () => this.ask(name, "/varz"));
  }

  /** Starts a publisher; it sends at the stack's rate. */
  async startPublisher(name: string, rate: number = this.#rate, through?: { readonly port: number }): Promise<void> {
    const { dataDir } = this.topology;
    const { dummy } = publisherOf(this.topology, name);
    const port = through?.port ?? dummy.clientPort;
    const password = passwordOf(this.clusterSecret, dummy.name, name);
    const subject = this.topology.subjects[0] ?? "test";
    const told = [String(port), name, password, name, String(rate), subject];
    const plain = [process.execPath, join(import.meta.dirname, "plain-publisher.ts"), ...told] as const;
    const argv = this.#isReference ? publisherProgram({ command: null }) : plain;
    const environment = {
      ...{ NATS_URL: `nats://${dummy.address}:${port}`, NATS_USER: name, NATS_PASSWORD: password },
      ...{ NATSBY_SUBJECTS: JSON.stringify(this.topology.subjects), NATSBY_RATE: String(rate) },
    };
    await startProcess({ dataDir, name, argv, cwd: dataDir, environment, output: `${dataDir}/${name}.log` });
    if (rate === 0) return;
    await until(`${name} sends`, async () => {
      const { connections } = (await this.ask(dummy.name, "/connz")) as { connections: { in_msgs: number }[] };
      return connections.some(({ in_msgs }) => in_msgs > 0);
    });
  }

  /** Writes a publisher's role file: as the topology wants it, or with other routes. */
  async writeRole(publisher: string, routes = routesOf(this.topology, publisher)): Promise<void> {
    const { dummy } = publisherOf(this.topology, publisher);
    const text = renderRoleFile({ dummy: dummy.name, routes, epoch: this.topology.epoch, ticket: 1 });
    await writeFile(fileOf(this.topology.dataDir, dummy.name, "role"), text);
  }

  /** Writes an upstream's pins file: every server of the stack may link. */
  async writePins(upstream: string, servers = this.#plans().map(({ name }) => name)): Promise<void> {
    const pins = servers.map((server) => ({ server, fingerprint: pinOf(this.clusterSecret, server) }));
    const text = renderPinsFile({ upstream, pins, epoch: this.topology.epoch, ticket: 1 });
    await writeFile(fileOf(this.topology.dataDir, upstream, "pins"), text);
  }

  /** What a server's monitoring says. */
  async ask(name: string, path: string): Promise<Record<string, unknown>> {
    const port = this.#plans().find((plan) => plan.name === name)?.monitorPort;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_000) });
    return (await response.json()) as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const processes = [...findProcesses(this.topology.dataDir).values()].flat();
    await Promise.all(processes.map((process) => stopProcess(process, { withinMs: 5_000, group: true })));
    await rm(this.topology.dataDir, { recursive: true, force: true });
  }

  /** Whether every upstream has both connections of each link that it should have. */
  async #linked(): Promise<boolean> {
    const { upstreams, activePublisher } = this.topology;
    const active = publisherOf(this.topology, activePublisher).dummy.name;
    const wanted = (own: string) => [...upstreams.map(({ name }) => name).filter((name) => name !== own), active];
    const whole = upstreams.map(async ({ name }) => {
      const { routes } = (await this.ask(name, "/routez")) as { routes: { remote_name: string }[] };
      return wanted(name).every((peer) => routes.filter(({ remote_name }) => remote_name === peer).length === 2);
    });
    return (await Promise.all(whole)).every((linked) => linked);
  }

  #plans(): readonly ServerPlan[] {
    const { upstreams, publishers } = this.topology;
    return [
      ...upstreams.map((upstream) => upstreamPlan(this.topology, upstream)),
      ...publishers.map((publisher) => dummyPlan(this.topology, publisher)),
    ];
  }
}
