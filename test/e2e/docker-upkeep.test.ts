// The upkeep of a stack of containers: publishers of the user's own, their next image, another nats-server, one by its digest from a registry,
// another secret. Nothing is heard twice, and nobody who is heard is replaced.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { FinishedEntry } from "../../infra/core/history.ts";
import { cachedNatsServer } from "../../scripts/toolchain/paths.ts";
import { endsWith } from "../support/bounded-run.ts";
import { buildOfficialImage, buildUserImage } from "../support/docker-images.ts";
import { DockerStack, prefix, remainsOn } from "../support/docker-stack.ts";
import { noEngine } from "../support/engine.ts";
import { PairWitness } from "../support/pair-witness.ts";
import { registryOf } from "../support/registry.ts";
import { temporary } from "../support/temporary.ts";
import type { Witness } from "../support/witness.ts";

const newer = "2.15.3";
const other = "another secret, which is long enough for one";
const publishersOf = (image: string): readonly object[] =>
  ["publisher0", "publisher1"].map((name) => ({ name, image }));

describe("the upkeep of containers", { skip: noEngine() ?? false }, () => {
  let stack: DockerStack;
  let witness: Witness;
  let atFirst: readonly string[] = [];
  before(async () => {
    stack = await DockerStack.prepare({ publishers: publishersOf("prices:1"), stamp: { json: "/seq" } });
    using folder = temporary("images");
    for (const number of ["1", "2"]) await buildUserImage(stack.engine, folder.path, number, 100);
    atFirst = await remainsOn(stack.engine);
    await endsWith(0, stack.project.natsby(["init", "local"]));
    await endsWith(0, stack.project.up());
    witness = await stack.project.witness();
    await witness.hears("publisher0");
    await witness.take();
  });
  after(async () => {
    await witness?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
  });

  async function hears(publisher: string): Promise<void> {
    await witness.hears(publisher);
    for (const { server, doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0], server);
  }
  const noChange = () => endsWith(0, stack.project.pulumi(["preview", "--expect-no-changes"]));
  const imagesOf = async (names: readonly string[]): Promise<readonly string[]> => {
    const format = "{{.Config.Image}}";
    return Promise.all(names.map((name) => stack.engine.docker(["inspect", "--format", format, `${prefix}${name}`])));
  };
  const version = (name: string): Promise<string> =>
    stack.engine.docker(["exec", `${prefix}${name}`, "/nats-server", "--version"]);
  const servers = ["server0", "server1", "dummy-nats0", "dummy-nats1"];

  it("runs a publisher of the user's own image, as nobody and with nothing", async () => {
    assert.deepEqual(await imagesOf(["publisher0", "publisher1"]), ["prices:1", "prices:1"]);
    assert.match(await stack.engine.docker(["logs", `${prefix}publisher0`]), /prices 1/);
    await stack.project.flipTo("publisher1");
    await hears("publisher1");
    await stack.project.flipTo("publisher0");
    await hears("publisher0");
  });

  it("refuses another image of who is heard", async () => {
    stack.project.configure({ publishers: publishersOf("prices:2") });
    const { code, output } = await stack.project.pulumi(["preview"], { withinMs: 60_000 });
    assert.notEqual(code, 0);
    assert.match(output, /natsby exit 3: this change restarts publisher0, which is heard now \(publisher0: image\)/);
  });

  it("rolls to it and to another nats-server: a client of both upstreams loses no more than the flip", async () => {
    const { upstreams, subscriber } = await stack.project.status();
    assert.ok(subscriber);
    using pair = await PairWitness.at(
      upstreams.map(({ name, clientUrl }) => ({ name, url: clientUrl, ...subscriber })),
    );
    await endsWith(0, stack.project.natsby(["roll", "--to-version", newer, "--reason", "upgrade"]));
    await hears("publisher1");
    for (const name of servers) assert.match(await version(name), /v2\.15\.3$/, name);
    assert.deepEqual(await imagesOf(["publisher0", "publisher1"]), ["prices:2", "prices:2"]);
    const [missing, lost] = [pair.missing(), await lostInFlips()];
    assert.deepEqual([pair.take(), missing <= lost], [0, true], `${missing} missing, ${lost} lost in the flip`);
    await noChange();
  });
  /** The most that an upstream's subscribers lost in each flip, added up. */
  async function lostInFlips(): Promise<number> {
    const { stdout } = await endsWith(0, stack.project.natsby(["history", "--json"]));
    const { cutovers } = JSON.parse(stdout) as { readonly cutovers: readonly FinishedEntry[] };
    const [newest] = cutovers.toSorted((one, another) => another.ticket - one.ticket);
    return Math.max(0, ...(newest?.upstreams ?? []).map(({ lost }) => lost ?? 0));
  }

  it("takes the nats-server of another image, by its digest", async () => {
    using folder = temporary("images");
    const natsServer = cachedNatsServer(stack.project.env, newer);
    const built = await buildOfficialImage(stack.engine, folder.path, natsServer);
    await using registry = await registryOf(stack.engine, built);
    await stack.engine.docker(["rmi", built]);
    stack.project.configure({ natsServer: { version: newer, image: registry.image } });
    await endsWith(0, stack.project.natsby(["roll", "--reason", "the official image"]));
    await hears("publisher0");
    assert.ok(registry.pulled() > 0, "the engine pulled it");
    for (const name of servers) assert.match(await version(name), /v2\.15\.3$/, name);
    await noChange();
  });

  it("replaces no publisher that is heard for another secret", async () => {
    const before = await stack.containers();
    const secret = /clusterSecret:\n\s+secure: (.*)/.exec(readFileSync(stack.project.stackFile, "utf8"))?.[1] ?? "";
    stack.project.configure({ clusterSecretPrevious: { secure: secret } });
    await endsWith(
      0,
      stack.project.shell([`echo '${other}' | pulumi config set --secret clusterSecret`], "bash", typed()),
    );
    await endsWith(0, stack.project.up());
    const now = await stack.containers();
    const replaced = [...before].filter(([name, id]) => now.get(name) !== id).map(([name]) => name);
    assert.deepEqual(replaced, ["publisher1"]);
    await hears("publisher0");
    await noChange();
  });
  let tools: Readonly<Record<string, string>> = {};
  before(async () => {
    tools = await stack.project.tools();
  });
  const typed = () => ({ env: tools });

  it("refuses to forget the old secret while it is in use, even with a flip, and does it after one", async () => {
    const kept =
      /clusterSecretPrevious:\n\s+secure: (.*)/.exec(readFileSync(stack.project.stackFile, "utf8"))?.[1] ?? "";
    stack.project.configure({ clusterSecretPrevious: undefined, activePublisher: "publisher1" });
    const { code, output } = await stack.project.pulumi(["preview"], { withinMs: 60_000 });
    assert.notEqual(code, 0);
    assert.match(output, /restarts publisher0, which is heard now \(publisher0: clusterSecret\)/);
    assert.match(output, /put clusterSecretPrevious back and flip first/);
    stack.project.configure({ clusterSecretPrevious: { secure: kept } });
    await endsWith(0, stack.project.up());
    await witness[Symbol.asyncDispose]();
    witness = await stack.project.witness();
    await hears("publisher1");
    stack.project.configure({ clusterSecretPrevious: undefined });
    await endsWith(0, stack.project.up());
    await hears("publisher1");
    await endsWith(0, stack.project.natsby(["status"]));
    await noChange();
  });

  it("leaves the user's images, and nothing else, when it is destroyed", async () => {
    await endsWith(0, stack.project.pulumi(["destroy", "--yes", "--skip-preview"]));
    assert.deepEqual((await remainsOn(stack.engine)).toSorted(), atFirst.toSorted());
  });
});
