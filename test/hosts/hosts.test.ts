// Asking several hosts at once: who cannot be reached is left out, and any other failure is not passed over.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UserError } from "../../infra/core/errors.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { askAll, isUnreachable } from "../../infra/hosts/hosts.ts";
import { localHost } from "../../infra/hosts/local.ts";

const hosts: readonly Host[] = [localHost("/a"), localHost("/b"), localHost("/c")];
const unreachable = new UserError("away", { code: "host-unreachable" });

/** Answers, each for the host at its place. */
const ask = (...answers: readonly (string | Error | Promise<string>)[]) =>
  async function askOne(host: Host): Promise<string> {
    const answer = answers[hosts.indexOf(host)];
    if (answer instanceof Error) throw answer;
    return answer ?? "nothing";
  };
const never = new Promise<string>(() => undefined);

describe("hosts that are asked at once", () => {
  it("answer in their order, less those that cannot be reached", async () => {
    assert.deepEqual(await askAll(hosts, ask("a", "b", "c")), ["a", "b", "c"]);
    assert.deepEqual(await askAll(hosts, ask(unreachable, "b", unreachable)), ["b"]);
  });

  it("are unknown as a whole where none can be reached", async () => {
    await assert.rejects(askAll(hosts, ask(unreachable, unreachable, unreachable)), isUnreachable);
    await assert.rejects(askAll(hosts, ask(unreachable, unreachable, unreachable), 10), isUnreachable);
  });

  it("fail with whatever else goes wrong at one of them", async () => {
    await assert.rejects(askAll(hosts, ask("a", unreachable, new Error("broken"))), /broken/);
  });

  it("are not waited for without end in a look, once one has answered", async () => {
    const started = performance.now();
    assert.deepEqual(await askAll(hosts, ask(never, "b", never), 50), ["b"]);
    assert.ok(performance.now() - started < 5_000);
    assert.deepEqual(await askAll(hosts, ask("a", "b", "c"), 60_000), ["a", "b", "c"]);
  });
});
