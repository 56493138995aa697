// What nats-server -t prints, read exactly.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { localHost } from "../../infra/hosts/local.ts";
import { readDigest, wantedDigest } from "../../infra/observe/wanted-digest.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { startNatsServer } from "../support/nats-server.ts";

test("the digest on disk equals the running one until a file is edited", async () => {
  await using server = await startNatsServer({ config: () => `include "more.conf"\n`, files: { "more.conf": "" } });
  const { config_digest } = await server.ask("/varz");
  const before = await wantedDigest(localHost("/"), natsServerPath(), server.folder, 5_000);
  assert.deepEqual(before, { digest: config_digest, problem: null });
  await writeFile(`${server.folder}/more.conf`, "max_payload: 4096\n");
  const after = await wantedDigest(localHost("/"), natsServerPath(), server.folder, 5_000);
  assert.notEqual(after.digest, config_digest);
  assert.equal(after.problem, null);
});

test("a refused file, a missing folder and a missing program are told apart", async () => {
  assert.deepEqual(await wantedDigest(localHost("/"), natsServerPath(), "/nowhere/at/all", 5_000), {
    digest: null,
    problem: "/nowhere/at/all is missing",
  });
  assert.deepEqual(await wantedDigest(localHost("/"), "/nowhere/nats-server", "/tmp", 5_000), {
    digest: null,
    problem: null,
  });
  assert.deepEqual(await wantedDigest(localHost("/"), null, "/tmp", 5_000), { digest: null, problem: null });
});

test("output in tables", () => {
  const digest = `sha256:${"0a".repeat(32)}`;
  assert.deepEqual(readDigest(0, `nats-server: configuration file nats.conf is valid (${digest})\n`), {
    digest,
    problem: null,
  });
  assert.deepEqual(readDigest(1, `nats-server: role.conf:2:1: unknown field "x"\nnats-server: again\n`), {
    digest: null,
    problem: `role.conf:2:1: unknown field "x"`,
  });
  assert.deepEqual(readDigest(0, "valid\n"), { digest: null, problem: "valid" });
  assert.deepEqual(readDigest(2, ""), { digest: null, problem: "it ends with 2" });
});
