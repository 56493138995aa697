// A running stack whose files were edited, broken or taken away: real servers, real nats-server -t.

import assert from "node:assert/strict";
import { appendFile, chmod, mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { judge } from "../../infra/core/judge.ts";
import { fileOf } from "../../infra/core/layout.ts";
import { routeUrl } from "../../infra/core/role-file.ts";
import { observe } from "../../infra/observe/observe.ts";
import { look, problemsOf, startLookedAt } from "../support/looking.ts";
import { until } from "../support/until.ts";

test("a role file edited by hand is seen before and after it is loaded; the second link is doubled", async () => {
  await using stack = await startLookedAt();
  await stack.writeRole("publisher1", stack.topology.upstreams.map(routeUrl));
  const edited = await problemsOf(stack);
  assert.equal(edited.verdict, "drift");
  assert.deepEqual(edited.codes, ["running-differs dummy-nats1", "role-file-differs dummy-nats1"]);
  stack.signal("dummy-nats1", "SIGHUP");
  const both = /linked at once: dummy-nats0 \(at server0, server1\) and dummy-nats1 \(at server0, server1\)/;
  const { verdict } = await until("both are linked", async () => {
    const found = await problemsOf(stack);
    return found.codes.includes("role-running-differs dummy-nats1") && both.test(found.texts) && found;
  });
  assert.equal(verdict, "doubled");
});

test("an edit of nats.conf, keys or the pins file is seen", async () => {
  await using stack = await startLookedAt();
  const { dataDir } = stack.topology;
  await appendFile(fileOf(dataDir, "server0", "base"), "max_payload: 2048\n");
  await stack.writePins("server1", ["server0", "server1", "dummy-nats0", "dummy-nats9"]);
  const { codes, texts } = await problemsOf(stack);
  assert.deepEqual(codes.toSorted(), [
    "config-differs server0",
    "pin-extra server1",
    "pin-missing server1",
    "running-differs server0",
    "running-differs server1",
  ]);
  assert.match(texts, /server1 does not let in dummy-nats1 .*\n|server1 would let in dummy-nats9/);
});

test("a file that nats-server refuses is said in its own words", async () => {
  await using stack = await startLookedAt();
  await appendFile(fileOf(stack.topology.dataDir, "server0", "keys"), "nonsense: [\n");
  const { codes, texts } = await problemsOf(stack);
  assert.deepEqual(codes, ["files-broken server0", "files-differ server0"]);
  assert.match(texts, /nats-server refuses its files: .*nats\.conf|keys\.conf/);
});

test("a role file truncated, empty, missing, a directory or unreadable is broken, with its path, and no other verdict", async () => {
  await using stack = await startLookedAt();
  const path = fileOf(stack.topology.dataDir, "dummy-nats0", "role");
  const as = async (make: () => Promise<unknown>) => {
    await rm(path, { recursive: true, force: true });
    await stack.writeRole("publisher0");
    await make();
    const seen = (await look(stack)).dummies[0]?.roleFile;
    assert.equal(seen?.state, "broken");
    const problem = seen?.state === "broken" ? seen.problem : "";
    assert.ok(problem.startsWith(path), problem);
    const judged = await problemsOf(stack);
    assert.ok(judged.codes.includes("role-file-broken dummy-nats0"), `${judged.codes}`);
    assert.equal(judged.verdict, "drift");
    return problem.slice(path.length);
  };
  assert.match(await as(() => truncate(path, 90)), /cut short, or edited by hand/);
  assert.equal(await as(() => truncate(path, 0)), " is empty");
  assert.equal(await as(() => rm(path)), " is missing");
  assert.equal(await as(() => rm(path).then(() => mkdir(path))), " is a directory");
  if (process.getuid?.() !== 0) assert.equal(await as(() => chmod(path, 0)), " cannot be read by this user");
});

test("no nats-server binary: everything else is still said, and digests are unknown", async () => {
  await using stack = await startLookedAt();
  const observation = await observe(stack.topology, { natsServer: "/nowhere/nats-server" });
  const { verdict, problems } = judge(stack.topology, observation, { deployedActive: null });
  assert.equal(verdict, "unknown");
  assert.deepEqual(new Set(problems.map(({ code }) => code)), new Set(["digest-unknown"]));
});

test("a config that reads this process's environment is tested without it", async () => {
  await using stack = await startLookedAt();
  process.env.natsby_test_number = "512";
  const path = fileOf(stack.topology.dataDir, "server0", "base");
  await writeFile(path, `max_control_line: $natsby_test_number\n`);
  assert.match((await problemsOf(stack)).texts, /variable reference for 'natsby_test_number'.*can not be found/);
  delete process.env.natsby_test_number;
});
