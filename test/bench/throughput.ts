// The section `throughput`: as many messages as fit, through an attached dummy and straight into an upstream, by turns.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { passwordOf, subscriberPassword, userOf, users } from "../../infra/core/secrets.ts";
import { publisherOf, type Server } from "../../infra/core/topology.ts";
import { endsWith, startProgram } from "../support/bounded-run.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { type Section, table } from "./section.ts";
import { medianOf, rounded, summarise } from "./statistics.ts";

/** How messages are published. */
type How = "publisher" | "bytes" | "socket";

/** One round: messages a second by each way. */
interface Round {
  readonly how: How;
  readonly straight: number;
  readonly throughDummy: number;
}

/** What was measured. */
export interface ThroughputData {
  readonly messages: number;
  readonly bytes: number;
  readonly rounds: readonly Round[];
}

const messages = 200_000;
const bytes = 128;
const roundMs = 60_000;
const sender = { user: "bench", password: "only for the benchmark" };

export const throughput: Section<ThroughputData> = {
  name: "throughput",
  title: "Throughput through a dummy",

  async measure(scale, say) {
    await using stack = await startStack({ rate: 0, base: withSender });
    const [upstream] = stack.topology.upstreams;
    if (upstream === undefined) throw new Error("a stack without upstreams");
    await using counter = await Counter.at(stack, upstream);
    const rounds: Round[] = [];
    for (let round = 0; round < (scale.isQuick ? 2 : 5); round++) {
      for (const how of hows) {
        const straight = await rateOf(counter, how, upstream, sender);
        const throughDummy = await rateOf(counter, how, ...activeOf(stack));
        rounds.push({ how, straight, throughDummy });
        say(`${how}: straight ${rounded(straight)}, through a dummy ${rounded(throughDummy)} a second`);
      }
    }
    return { messages, bytes, rounds };
  },

  targets({ rounds }) {
    const ratio = ratioOf(rounds, "publisher");
    const what = "messages a second that a publisher can send through an attached dummy";
    return [{ what, bound: "0.8 of straight", measured: ratio.toFixed(2), isReached: ratio >= 0.8 }];
  },

  render({ rounds, ...sent }) {
    const rows = hows.flatMap((how) => {
      const own = rounds.filter((round) => round.how === how);
      const row = (way: string, rates: readonly number[], ratio: string) => {
        const { count, median, max } = summarise(rates);
        return [
          `${ways[how]}, ${way}`,
          String(count),
          rounded(median),
          rounded(Math.min(...rates)),
          rounded(max),
          ratio,
        ];
      };
      return [
        row(
          "straight",
          own.map(({ straight }) => straight),
          "",
        ),
        row(
          "through a dummy",
          own.map(({ throughDummy }) => throughDummy),
          ratioOf(rounds, how).toFixed(2),
        ),
      ];
    });
    return [
      `${sent.messages.toLocaleString("en")} messages of ${sent.bytes} bytes as fast as they are taken: from one process to one subscriber at one`,
      "upstream, by turns straight into that upstream, and into the active publisher's dummy. In messages a second. As the",
      "reference publisher (JSON and a header) it is what a publisher can send; with the same bytes again and again it is what",
      "the servers can take when publisher, dummy, upstream and subscriber share these cores: then every hop costs.",
      "",
      ...table(["way", "rounds", "median", "lowest", "highest", "of straight"], rows),
    ];
  },

  pictures: () => ({}),
};

const ways: Readonly<Record<How, string>> = {
  publisher: "as the reference publisher",
  bytes: "client library, same bytes",
  socket: "bare socket, same bytes",
};
const hows = Object.keys(ways) as readonly How[];

function ratioOf(rounds: readonly Round[], how: How): number {
  const own = rounds.filter((round) => round.how === how);
  return medianOf(own.map(({ throughDummy }) => throughDummy)) / medianOf(own.map(({ straight }) => straight));
}

/** Upstreams have no user that may publish: the benchmark's own, beside the subscriber. */
function withSender(base: string): string {
  const added = `{user: ${JSON.stringify(sender.user)}, password: ${JSON.stringify(sender.password)}}\n`;
  return base.replace(/(?=^ *\{\n *user: \$natsby_user_subscriber)/m, added);
}

interface Login {
  readonly user: string;
  readonly password: string;
}

function activeOf({ topology, clusterSecret }: TestStack): readonly [Server, Login] {
  const { name, dummy } = publisherOf(topology, topology.activePublisher);
  return [dummy, { user: userOf(clusterSecret, name), password: passwordOf(clusterSecret, dummy.name, name) }];
}

/** Messages a second from the first that is sent to the last that is heard. Both clocks are the machine's. */
async function rateOf(counter: Counter, how: How, server: Server, login: Login): Promise<number> {
  const last = counter.next();
  const argv = [process.execPath, join(import.meta.dirname, "throughput-sender.ts"), argumentOf(server, login, how)];
  const env = process.env as Record<string, string>;
  const { stdout } = await endsWith(0, startProgram(argv, { env, withinMs: roundMs }).ended);
  const ns = BigInt(await last) - BigInt(stdout.trim());
  return messages / (Number(ns) / 1e9);
}

const argumentOf = ({ address, clientPort }: Server, { user, password: pass }: Login, how?: How): string =>
  JSON.stringify({ url: `nats://${address}:${clientPort}`, user, pass, subject: "test", count: messages, bytes, how });

/** The process that counts at one upstream. */
class Counter implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(argument: string) {
    const argv = [join(import.meta.dirname, "throughput-counter.ts"), argument];
    this.#process = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  static async at({ clusterSecret }: TestStack, upstream: Server): Promise<Counter> {
    const login = { user: userOf(clusterSecret, users.subscriber), password: subscriberPassword(clusterSecret) };
    const counter = new Counter(argumentOf(upstream, login));
    const said = await counter.next();
    if (said !== "ready") throw new Error(`the counter said ${said}`);
    return counter;
  }

  /** When the next round's last message came, in nanoseconds of the machine's clock. */
  async next(): Promise<string> {
    const late = AbortSignal.timeout(roundMs);
    const line = await Promise.race([this.#lines.next(), once(late, "abort").then(() => null)]);
    if (line === null || line.done === true) throw new Error(`messages are missing after ${roundMs / 1_000} s`);
    return line.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, "exit");
    if (this.#process.exitCode !== null || !this.#process.kill("SIGKILL")) return;
    await ended;
  }
}
