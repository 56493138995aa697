// A stack that the real CLI brought up, with a raw subscriber at every upstream: made before a file's tests, gone after them.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { endsWith, type Ran } from "./bounded-run.ts";
import { sendSignal } from "./frozen.ts";
import { makeProject, type Project, type ProjectOptions } from "./project.ts";
import type { Witness, Witnessed } from "./witness.ts";

/**
 * Makes one for the tests of this file, or of the suite that is being described. `publisher0` is heard when they begin.
 * @param prepare is done before them, once it runs: another `before` would not wait for this one. @default nothing
 */
export function watchedProject(options: ProjectOptions = {}, prepare?: () => unknown): WatchedProject {
  const watched = new WatchedProject(makeProject(options));
  before(async () => {
    await watched.begin();
    await prepare?.();
  });
  after(() => watched[Symbol.asyncDispose]());
  return watched;
}

/** A checkout whose stack runs, and who listens to it. */
export class WatchedProject implements AsyncDisposable {
  readonly project: Project;
  #witness: Witness | undefined;

  constructor(project: Project) {
    this.project = project;
  }

  get witness(): Witness {
    return this.#witness ?? assert.fail("nobody listens");
  }

  async begin(): Promise<void> {
    await this.project.bringUp();
    await this.listen();
    await this.witness.hears("publisher0");
    await this.witness.take();
  }

  /** Listens anew: after a destroy, or with another user. */
  async listen(): Promise<void> {
    await this.stopListening();
    this.#witness = await this.project.witness();
  }

  async stopListening(): Promise<void> {
    await this.#witness?.[Symbol.asyncDispose]();
    this.#witness = undefined;
  }

  /** Waits until this publisher is heard everywhere, and asserts that since the last time nothing came twice and nothing old. */
  async hears(publisher: string): Promise<readonly Witnessed[]> {
    await this.witness.hears(publisher);
    return this.nothingDoubled();
  }

  /** Since the last time, nothing came twice and nothing old, at any upstream. */
  async nothingDoubled(): Promise<readonly Witnessed[]> {
    const taken = await this.witness.take();
    for (const { server, doubled, old } of taken) assert.deepEqual([doubled, old], [0, 0], server);
    return taken;
  }

  /** A preview that plans nothing. */
  noChange(): Promise<Ran> {
    return endsWith(0, this.project.pulumi(["preview", "--expect-no-changes"]));
  }

  /** Signals processes of the stack by their names: SIGSTOP freezes. */
  signal(signal: NodeJS.Signals, ...names: readonly string[]): void {
    const running = this.project.processes();
    for (const name of names) sendSignal(running.get(name) ?? assert.fail(`${name} has no process`), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopListening();
    await this.project[Symbol.asyncDispose]();
  }
}
