// A stack on real hosts with witnesses of every kind, and the audit that follows every fault of a host: who is heard, nothing twice,
// nothing left, and what the servers show.

import assert from "node:assert/strict";
import type { FlipResult } from "../../infra/core/flip-result.ts";
import type { StatusJson } from "../../infra/core/status.ts";
import { endsWith, type Ran } from "./bounded-run.ts";
import type { TestHosts } from "./hosts.ts";
import type { Project } from "./project.ts";
import type { SshStack } from "./ssh-stack.ts";
import { until } from "./until.ts";
import type { Witness, Witnessed } from "./witness.ts";
import { type Witnesses, witnessesAt } from "./witnesses.ts";

/** Where everything of such a stack lies on its hosts. */
export const hostFolder = "/etc/nats-server/natsby-local";

/** The stack and who listens to it. */
export class WatchedSsh implements AsyncDisposable {
  readonly stack: SshStack;
  #witnesses: Witnesses | undefined;

  constructor(stack: SshStack) {
    this.stack = stack;
  }

  get project(): Project {
    return this.stack.project;
  }

  get hosts(): TestHosts {
    return this.stack.hosts;
  }

  get witnesses(): Witnesses {
    return this.#witnesses ?? assert.fail("nobody listens");
  }

  get witness(): Witness {
    return this.witnesses.witness;
  }

  /** Listens at every upstream: anew after a rotation, when a user is another. */
  async listen(): Promise<void> {
    await this.stopListening();
    const { upstreams, subscriber } = await this.project.status();
    assert.ok(subscriber);
    this.#witnesses = await witnessesAt(
      upstreams.map(({ name, clientUrl }) => ({ name, url: clientUrl, ...subscriber })),
    );
  }

  async stopListening(): Promise<void> {
    const { witness, group, pair } = this.#witnesses ?? {};
    this.#witnesses = undefined;
    group?.[Symbol.dispose]();
    pair?.[Symbol.dispose]();
    await witness?.[Symbol.asyncDispose]();
  }

  /** Types a verb that changes who is heard, and asserts how it ends. */
  async flip(code: number, ...words: readonly string[]): Promise<FlipResult & { readonly ran: Ran }> {
    const ran = await endsWith(code, this.project.natsby([...words, "--json"]));
    return { ...(JSON.parse(ran.stdout || "{}") as FlipResult), ran };
  }

  /** Nobody was heard twice, nor late, by any witness, since the call before. */
  async nothingDoubled(): Promise<readonly Witnessed[]> {
    const { witness, group, pair } = this.witnesses;
    const heard = await witness.take();
    for (const { server, doubled, old } of heard) assert.deepEqual([doubled, old], [0, 0], server);
    assert.deepEqual({ group: group.take(), pair: pair.take() }, { group: 0, pair: 0 });
    return heard;
  }

  /** The audit: this publisher alone is heard, all is well, no temporary file is left on any host, and nothing is left to do. */
  async audit(active: string): Promise<readonly Witnessed[]> {
    await this.isHeardAlone(active);
    await endsWith(0, this.project.pulumi(["preview", "--expect-no-changes"]));
    return this.nothingDoubled();
  }

  /** The audit but for what is left to do. */
  async isHeardAlone(active: string): Promise<void> {
    await this.witness.hears(active, 30_000);
    const status = await this.isWell();
    assert.deepEqual([status.activePublisher, status.fenced], [active, []]);
    assert.deepEqual(
      status.publishers.filter(({ attached }) => attached.seen?.length !== 0).map(({ name }) => name),
      [active],
    );
    await this.nothingLeft();
  }

  /** What status shows, once it has no problem to show. */
  async isWell(withinMs = 45_000): Promise<StatusJson> {
    return until(
      "all is well",
      async () => {
        const status = await this.project.status();
        const problems = status.problems.map(({ text }) => text);
        assert.deepEqual([status.verdict, problems], ["ok", []]);
        return status;
      },
      withinMs,
    );
  }

  /** No file of a run that ended, or was killed. */
  async nothingLeft(): Promise<void> {
    for (const host of this.stack.names) {
      const look = `find ${hostFolder} -name '*.next' -o -name '*.test' -o -name '*.tmp'`;
      assert.equal(await this.hosts.within(host, "sh", "-c", look), "", host);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopListening();
    await this.stack[Symbol.asyncDispose]();
  }
}
