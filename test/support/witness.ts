// An independent witness of who is heard: a raw subscriber at every upstream, in a process of its own, so that nothing
// that natsby does in between can delay its clock or colour its counts. It never publishes.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { subscriberPassword, userOf, users } from "../../infra/core/secrets.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { until } from "./until.ts";
import type { SubscriberAddress } from "./witness-subscriber.ts";
import type { Tallied } from "./witness-tally.ts";

export type { SubscriberAddress } from "./witness-subscriber.ts";
export type { Handover } from "./witness-tally.ts";

/** Who is heard at one upstream now. */
export interface Glance {
  readonly server: string;
  readonly isListening: boolean;
  /** How often it connected there: more than once after a restart of the upstream. */
  readonly connections: number;
  readonly hearing: string | null;
}

/** What was heard at one upstream since the counts were taken before. */
export interface Witnessed extends Glance, Tallied {
  readonly hearing: string | null;
}

/** What the process is asked. */
export interface WitnessQuestion {
  readonly id: number;
  readonly what: "take" | "glance";
}

/** What it answers. */
export interface WitnessAnswer {
  readonly id: number;
  readonly answer: readonly Glance[] | readonly Witnessed[];
}

const answerMs = 5_000;

/** The upstreams of a stack, and the user that may only subscribe there. */
export function upstreamsOf({ upstreams }: Topology, clusterSecret: string): readonly SubscriberAddress[] {
  const login = { user: userOf(clusterSecret, users.subscriber), password: subscriberPassword(clusterSecret) };
  return upstreams.map(({ name, address, clientPort }) => ({ name, url: `nats://${address}:${clientPort}`, ...login }));
}

/** A witness at several servers. */
export class Witness implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: WitnessAnswer["answer"]) => void>();
  #asked = 0;

  private constructor(addresses: readonly SubscriberAddress[]) {
    const program = join(import.meta.dirname, "witness-process.ts");
    this.#process = fork(program, [JSON.stringify(addresses)], {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#process.on("message", ({ id, answer }: WitnessAnswer) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  /** Starts one, and returns when it listens at every server. */
  static async at(addresses: readonly SubscriberAddress[]): Promise<Witness> {
    const witness = new Witness(addresses);
    try {
      const listening = async () => (await witness.glance()).every(({ isListening }) => isListening);
      await until("the witness listens everywhere", listening, 10_000);
      return witness;
    } catch (error) {
      await witness[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Who is heard now, at each server; counts nothing. */
  glance(): Promise<readonly Glance[]> {
    return this.#ask("glance");
  }

  /** What was heard at each server since the call before, once everything under way has arrived. */
  take(): Promise<readonly Witnessed[]> {
    return this.#ask("take") as Promise<readonly Witnessed[]>;
  }

  /** Waits until the newest message at every server is this publisher's. @throws when `withinMs` ran out. */
  async hears(publisher: string, withinMs = 5_000): Promise<void> {
    const heard = async () => (await this.glance()).every(({ hearing }) => hearing === publisher);
    await until(`${publisher} is heard everywhere`, heard, withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }

  #ask(what: WitnessQuestion["what"]): Promise<WitnessAnswer["answer"]> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the witness did not answer within ${answerMs} ms`)), answerMs);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#process.send({ id, what } satisfies WitnessQuestion, (error) => error && reject(error));
    });
  }
}
