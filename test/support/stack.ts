// A whole small stack for one test: real nats-servers on natsby's own files, linked by hand, with real publishers; no Pulumi and no cutover.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Argv } from "../../infra/core/argv.ts";
import { pinOf } from "../../infra/core/certificates.ts";
import { fileNames, fileOf, folderOf } from "../../infra/core/layout.ts";
import { renderPinsFile } from "../../infra/core/pins-file.ts";
import { dummyPlan, type ServerPlan, upstreamPlan } from "../../infra/core/plan.ts";
import { renderRoleFile, routesOf } from "../../infra/core/role-file.ts";
import { passwordOf, userOf } from "../../infra/core/secrets.ts";
import { publisherOf, type Topology } from "../../infra/core/topology.ts";
import type { RunningProcess } from "../../infra/hosts/host.ts";
import { localHost } from "../../infra/hosts/local.ts";
import { findProcesses, stopProcess } from "../../infra/hosts/processes.ts";
import { startProcess } from "../../infra/hosts/start-process.ts";
import { placeServerFiles } from "../../scripts/apply/server-files.ts";
import { publisherProgram } from "../../scripts/publisher/program.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { sendSignal } from "./frozen.ts";
import type { Machines } from "./machines.ts";
import { freePorts } from "./ports.ts";
import { askMonitor } from "./servers.ts";
import { clockIn, setClock } from "./stepped-clock.ts";
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
  /** A machine for each server; publishers are on their dummies'. @default this machine's loopback */
  readonly machines?: Machines;
  /** Reference publishers whose clocks a test can set. @default false */
  readonly clocks?: boolean;
}

const defaultRate = 50;

/** Starts a healthy stack: every server runs, `publisher0` is attached and heard, `publisher1` stands by. */
export async function startStack(options: StackOptions = {}): Promise<TestStack> {
  const upstreams = options.upstreams ?? 2;
  const publishers = options.publishers ?? 2;
  const ports = await freePorts(3 * upstreams + 2 * publishers);
  const next = () => ports[taken++] ?? 0;
  let taken = 0;
  const { machines } = options;
  const addressed = (name: string) => (machines === undefined ? {} : { address: machines.addressOf(name) });
  const dataDir = await mkdtemp(join(tmpdir(), "natsby-stack-"));
  const clock = (n: number) => (options.clocks ? { environment: clockIn(clockFile(dataDir, `publisher${n}`)) } : {});
  const topology = testTopology({
    dataDir,
    upstreams: Array.from({ length: upstreams }, (_, n) =>
      testUpstream(n, { clientPort: next(), clusterPort: next(), monitorPort: next(), ...addressed(`server${n}`) }),
    ),
    publishers: Array.from({ length: publishers }, (_, n) => {
      const ports = { clientPort: next(), monitorPort: next(), ...addressed(`dummy-nats${n}`) };
      return { ...testPublisher(n, ports, options.rate ?? defaultRate), ...clock(n) };
    }),
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
  readonly #machines: Machines | undefined;

  constructor(topology: Topology, options: StackOptions = {}) {
    const { rate = defaultRate, reference = false, base = (text) => text, machines } = options;
    [this.topology, this.#rate, this.#isReference, this.#base] = [topology, rate, reference, base];
    this.#machines = machines;
  }

  async start(): Promise<void> {
    const plans = this.#plans();
    for (const plan of plans) {
      const options = { lists: "exact", resetRole: true, natsServer: this.natsServer } as const;
      await placeServerFiles(
        localHost(plan.dataDir),
        { ...plan, base: this.#base(plan.base) },
        this.clusterSecret,
        options,
      );
    }
    for (const { name } of this.topology.upstreams) await this.writePins(name);
    for (const { name } of this.topology.publishers) await this.writeRole(name);
    await Promise.all(plans.map(({ name, monitorPort }) => this.#machines?.showMonitoring(name, monitorPort ?? 0)));
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
    sendSignal(this.processOf(name), signal);
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
    const { dummy, environment: own } = publisherOf(this.topology, name);
    const port = through?.port ?? dummy.clientPort;
    const password = passwordOf(this.clusterSecret, dummy.name, name);
    const subject = this.topology.subjects[0] ?? "test";
    const user = userOf(this.clusterSecret, name);
    const told = [`${dummy.address}:${port}`, user, password, name, String(rate), subject];
    const plain = [process.execPath, join(import.meta.dirname, "plain-publisher.ts"), ...told] as const;
    const argv = this.onMachineOf(name, this.#isReference ? publisherProgram({ command: null }) : plain);
    const environment = {
      ...own,
      ...{ NATS_URL: `nats://${dummy.address}:${port}`, NATS_USER: user, NATS_PASSWORD: password },
      NATSBY_PUBLISHER: name,
      ...{ NATSBY_SUBJECTS: JSON.stringify(this.topology.subjects), NATSBY_RATE: String(rate) },
    };
    await startProcess({ dataDir, name, argv, cwd: dataDir, environment, output: `${dataDir}/${name}.log` });
    if (rate === 0) return;
    await until(`${name} sends`, async () => {
      const { connections } = (await this.ask(dummy.name, "/connz")) as { connections: { in_msgs: number }[] };
      return connections.some(({ in_msgs }) => in_msgs > 0);
    });
  }

  /** A program as it is started on the machine of a publisher. */
  onMachineOf(publisher: string, program: Argv): Argv {
    const { dummy } = publisherOf(this.topology, publisher);
    const [first = "", ...rest] = [...(this.#machines?.within(dummy.name) ?? []), ...program];
    return [first, ...rest];
  }

  /** Sets the clock of a publisher that has one of its own: off by so many milliseconds from now on. */
  setClock(publisher: string, ms: number): void {
    setClock(clockFile(this.topology.dataDir, publisher), ms);
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
    const plan = this.#plans().find((one) => one.name === name);
    return (await askMonitor(`http://${plan?.address}:${plan?.monitorPort}${path}`)) as Record<string, unknown>;
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

const clockFile = (dataDir: string, publisher: string): string => `${dataDir}/${publisher}.clock`;
