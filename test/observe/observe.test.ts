// What a look at a running stack sees: real nats-servers, killed, frozen, replaced and edited.

import assert from "node:assert/strict";
import { appendFile, chmod, mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { judge } from "../../infra/core/judge.ts";
import { fileOf } from "../../infra/core/layout.ts";
import { routesOf, routeUrl } from "../../infra/core/role-file.ts";
import { observe } from "../../infra/observe/observe.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const timeouts = { observe: 1_000, silence: 500 };

async function stackWith(over: Parameters<typeof startStack>[0] = {}): Promise<TestStack> {
  const stack = await startStack(over);
  const topology = { ...stack.topology, timeouts: { ...stack.topology.timeouts, ...timeouts } };
  return Object.assign(stack, { topology });
}

const look = (stack: TestStack) => observe(stack.topology, { natsServer: stack.natsServer });

/** Codes of the problems, each with what it is about. */
async function problemsOf(stack: TestStack): Promise<{ verdict: string; codes: string[]; texts: string }> {
  const { verdict, problems } = judge(stack.topology, await look(stack), { deployedActive: null });
  return {
    verdict,
    codes: problems.map(({ code, about }) => `${code} ${about}`),
    texts: problems.map(({ text, hint }) => `${text} | ${hint}`).join("\n"),
  };
}

test("a healthy stack is ok: links, names, digests, metadata and publishers", async () => {
  await using stack = await stackWith();
  const { upstreams, dummies, strays } = await look(stack);
  assert.deepEqual(await problemsOf(stack), { verdict: "ok", codes: [], texts: "" });
  assert.deepEqual(strays, []);
  for (const server of [...upstreams, ...dummies]) {
    assert.equal(server.reachable, true);
    assert.equal(server.version, "2.15.2");
    assert.equal(server.pid, stack.processOf(server.name).pid);
    assert.match(server.digest.want ?? "", /^sha256:[0-9a-f]{64}$/);
    assert.equal(server.digest.want, server.digest.running);
    assert.equal(server.metadata.natsby_epoch, "0");
  }
  const linked = upstreams.map(({ links }) => links?.map(({ name, entries }) => `${name} ${entries}`).sort());
  assert.deepEqual(linked, [
    ["dummy-nats0 2", "server1 2"],
    ["dummy-nats0 2", "server0 2"],
  ]);
  assert.deepEqual(
    dummies.map(({ attachedRunning, publishing, roleFile }) => [attachedRunning, publishing, roleFile?.state]),
    [
      [true, true, "attached"],
      [false, true, "detached"],
    ],
  );
});

test("killed servers are down: an upstream degrades, a standby's dummy drifts, the active one is silence", async () => {
  await using stack = await stackWith();
  await stack.kill("dummy-nats1");
  assert.deepEqual((await problemsOf(stack)).codes, ["standby-silent publisher1", "dummy-down dummy-nats1"]);
  await stack.kill("server1");
  const { verdict, codes } = await problemsOf(stack);
  assert.equal(verdict, "degraded");
  assert.ok(codes.includes("upstream-down server1"), `${codes}`);
  await stack.kill("dummy-nats0");
  assert.equal((await problemsOf(stack)).verdict, "silent");
});

test("a frozen server is unknown at once, never down and never ok; its dummies' links to it still count", async () => {
  await using stack = await stackWith();
  stack.signal("server1", "SIGSTOP");
  const before = performance.now();
  const observation = await until("it is seen frozen", async () => {
    const seen = await look(stack);
    return seen.upstreams[1]?.reachable === null && seen;
  });
  assert.ok(performance.now() - before < 900, "nobody waited for an answer that cannot come");
  assert.equal(observation.upstreams[1]?.links, null);
  const { verdict, problems } = judge(stack.topology, observation, { deployedActive: null });
  assert.equal(verdict, "unknown");
  assert.match(problems[0]?.text ?? "", /server1: its process \(pid \d+\) is frozen/);
  assert.match(problems[0]?.hint ?? "", new RegExp(`kill -CONT ${stack.processOf("server1").pid}`));
  stack.signal("server1", "SIGCONT");
  await until("it is ok again", async () => (await problemsOf(stack)).verdict === "ok");
});

test("a frozen standby dummy is unknown", async () => {
  await using stack = await stackWith();
  stack.signal("dummy-nats1", "SIGSTOP");
  await until("it is seen frozen", async () => (await problemsOf(stack)).verdict === "unknown");
});

test("a server that accepts and never answers is unknown after the bound", async () => {
  await using stack = await stackWith();
  await stack.kill("dummy-nats1");
  const port = stack.topology.publishers[1]?.dummy.monitorPort ?? 0;
  const black = createServer(() => {}).listen(port, "127.0.0.1");
  try {
    const before = performance.now();
    const seen = (await look(stack)).dummies[1];
    assert.ok(performance.now() - before < 1_500);
    assert.equal(seen?.reachable, null);
    assert.match(seen?.reason ?? "", /gave up after 1 s waiting for \/varz/);
  } finally {
    black.closeAllConnections();
    black.close();
  }
});

test("foreign servers on a port are named: another nats-server, one that steals the name, a web server", async () => {
  await using stack = await stackWith();
  const monitor = stack.topology.upstreams[1]?.monitorPort ?? 0;
  await stack.kill("server1");
  for (const [name, words] of [
    ["stranger", /a nats-server called stranger answers on 127\.0\.0\.1:/],
    ["server1", /a nats-server that natsby did not start, also called server1, answers/],
  ] as const) {
    await using _ = await startNatsServer({ name, ports: { monitor } });
    const { verdict, codes, texts } = await problemsOf(stack);
    assert.equal(verdict, "degraded");
    assert.ok(codes.includes("foreign-server server1"), `${codes}`);
    assert.match(texts, words);
  }
  const web = createServer((_, response) => response.end("hello")).listen(monitor, "127.0.0.1");
  try {
    await until("it listens", () => web.listening);
    assert.match((await problemsOf(stack)).texts, /no nats-server answers on 127\.0\.0\.1:/);
  } finally {
    web.closeAllConnections();
    web.close();
  }
});

test("a role file edited by hand is seen before and after it is loaded; the second link is doubled", async () => {
  await using stack = await stackWith();
  await stack.writeRole("publisher1", stack.topology.upstreams.map(routeUrl));
  const edited = await problemsOf(stack);
  assert.equal(edited.verdict, "drift");
  assert.deepEqual(edited.codes, ["running-differs dummy-nats1", "role-file-differs dummy-nats1"]);
  stack.signal("dummy-nats1", "SIGHUP");
  const { verdict, texts } = await until("both are linked", async () => {
    const found = await problemsOf(stack);
    return found.codes.includes("role-running-differs dummy-nats1") && found.verdict === "doubled" && found;
  });
  assert.equal(verdict, "doubled");
  assert.match(texts, /linked at once: dummy-nats0 \(at server0, server1\) and dummy-nats1 \(at server0, server1\)/);
});

test("an edit of nats.conf, keys or the pins file is seen", async () => {
  await using stack = await stackWith();
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
  await using stack = await stackWith();
  await appendFile(fileOf(stack.topology.dataDir, "server0", "keys"), "nonsense: [\n");
  const { codes, texts } = await problemsOf(stack);
  assert.deepEqual(codes, ["files-broken server0"]);
  assert.match(texts, /nats-server refuses its files: .*nats\.conf|keys\.conf/);
});

test("a role file truncated, empty, missing, a directory or unreadable is broken, with its path, and no other verdict", async () => {
  await using stack = await stackWith();
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

test("publishers: one that is killed, one that is up but silent", async () => {
  await using stack = await stackWith();
  await stack.kill("publisher1");
  assert.deepEqual((await problemsOf(stack)).codes, ["standby-silent publisher1"]);
  await stack.kill("publisher0");
  await stack.startPublisher("publisher0", 0);
  const { verdict, texts } = await problemsOf(stack);
  assert.equal(verdict, "silent");
  assert.match(texts, /publisher0 runs, and sent nothing to dummy-nats0 for 0\.5 s/);
});

test("a second process of one name, and a process of a publisher no longer in the config", async () => {
  await using stack = await stackWith({ publishers: 3 });
  const { topology } = stack;
  await stack.startPublisher("publisher1");
  const two = await problemsOf(stack);
  assert.deepEqual(two.codes, ["process-twice publisher1"]);
  Object.assign(stack, { topology: { ...topology, publishers: topology.publishers.slice(0, 2) } });
  const { codes } = await problemsOf(stack);
  assert.ok(codes.includes("stray-process publisher2") && codes.includes("stray-process dummy-nats2"), `${codes}`);
  Object.assign(stack, { topology });
});

test("a hand-made third dummy, and a foreign server under a dummy's name, are named", async () => {
  await using stack = await stackWith();
  const { upstreams, dataDir, cluster } = stack.topology;
  const folder = `${dataDir}/dummy-nats1`; // A real key is what it takes to get past the pins.
  const intruder = (name: string) =>
    startNatsServer({
      name,
      config: ({ cluster: port }) => `
        accounts { APP { users: [{user: a, password: b}] }, SYS {} }
        system_account: SYS
        cluster { name: "${cluster}", listen: "127.0.0.1:${port}", advertise: "127.0.0.1:1", pool_size: 1
          routes: [${upstreams.map((upstream) => `"${routeUrl(upstream)}"`).join(", ")}]
          tls { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem", ca_file: "${folder}/ca.pem", verify: true } }`,
    });
  for (const [name, words] of [
    ["dummy-nats9", /dummy-nats9, no server of this stack, is linked at server0, server1/],
    ["dummy-nats1", /another server that calls itself dummy-nats1 is linked at server0, server1/],
  ] as const) {
    await using _ = await intruder(name);
    const { verdict, texts } = await until("its link is seen", async () => {
      const found = await problemsOf(stack);
      return found.codes.includes(`foreign-link ${name}`) && words.test(found.texts) && found;
    });
    assert.equal(verdict, "doubled");
    assert.match(texts, /linked at once: /);
  }
});

test("a fenced publisher is never asked; a link of its dummy is said", async () => {
  await using stack = await stackWith();
  Object.assign(stack, { topology: { ...stack.topology, fenced: ["publisher1"] } });
  const observation = await look(stack);
  assert.equal(observation.dummies[1]?.reason, "it is fenced, so it is never contacted");
  assert.deepEqual((await problemsOf(stack)).codes, ["pin-extra server0", "pin-extra server1"]);
});

test("no nats-server binary: everything else is still said, and digests are unknown", async () => {
  await using stack = await stackWith();
  const observation = await observe(stack.topology, { natsServer: "/nowhere/nats-server" });
  const { verdict, problems } = judge(stack.topology, observation, { deployedActive: null });
  assert.equal(verdict, "unknown");
  assert.deepEqual(new Set(problems.map(({ code }) => code)), new Set(["digest-unknown"]));
});

test("a stack that was never started, or is stopped, is one sentence", async () => {
  const stack = await stackWith();
  assert.equal(routesOf(stack.topology, "publisher0").length, 2);
  await stack[Symbol.asyncDispose]();
  const { verdict, codes } = await problemsOf(stack);
  assert.deepEqual({ verdict, codes }, { verdict: "silent", codes: ["stopped test"] });
});

test("a config that reads this process's environment is tested without it", async () => {
  await using stack = await stackWith();
  process.env.natsby_test_number = "512";
  const path = fileOf(stack.topology.dataDir, "server0", "base");
  await writeFile(path, `max_control_line: $natsby_test_number\n`);
  assert.match((await problemsOf(stack)).texts, /variable reference for 'natsby_test_number'.*can not be found/);
  delete process.env.natsby_test_number;
});
