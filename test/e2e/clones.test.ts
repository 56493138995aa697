// Several checkouts on one machine: they take different ports, a copied one is refused, and no name of a folder or project is in the way.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { copyOf, makeProject, type Project, patient } from "../support/project.ts";

/** What a shell, a URL, a YAML file or a pattern could trip over, but for what is refused. */
const odd = makeProject({ name: `it's "odd" $HOME \`x\` & ; * [0] {ü} 日本 `, config: patient });
const renamed = makeProject({ name: "renamed" });
/** Where a NATS client looks first: here it is taken. */
const taken = createServer();

before(async () => {
  taken.on("error", () => undefined).listen(4222, "127.0.0.1");
  rename(renamed, "my-feed");
  const starting = [odd, renamed].map((project) => endsWith(0, project.natsby(["start"])));
  await Promise.all(starting);
});
after(async () => {
  taken.close();
  await Promise.all([odd, renamed].map((project) => project[Symbol.asyncDispose]()));
});

test("two clones started at once, with 4222 taken, run side by side on ports of their own", async () => {
  const statuses = await Promise.all([odd.status(), renamed.status()]);
  const urls = statuses.flatMap(({ upstreams, publishers }) =>
    [...upstreams, ...publishers].flatMap(({ clientUrl, monitorUrl }) => [clientUrl, monitorUrl]),
  );
  assert.equal(new Set(urls).size, 2 * 8);
  assert.ok(!urls.includes("nats://127.0.0.1:4222"));
  for (const { verdict } of statuses) assert.equal(verdict, "ok");
});

test("a flip in one of them, in a folder with an odd name, is heard there and not in the other", async () => {
  await using there = await odd.witness();
  await using elsewhere = await renamed.witness();
  await Promise.all([there.hears("publisher0"), elsewhere.hears("publisher0")]);
  await endsWith(
    0,
    odd.shell(
      ['eval "$(npx natsby env)"', "pulumi config set activePublisher publisher1", "pulumi up --yes --skip-preview"],
      "sh",
    ),
  );
  await there.hears("publisher1");
  for (const { handovers, doubled } of await there.take()) assert.deepEqual([handovers.length, doubled], [1, 0]);
  for (const { heard } of await elsewhere.take()) assert.deepEqual(Object.keys(heard), ["publisher0"]);
  await endsWith(0, odd.pulumi(["preview", "--expect-no-changes"]));
});

test("a renamed project works: its config keys carry its own name", async () => {
  assert.match(readFileSync(renamed.stackFile, "utf8"), /^ {2}my-feed:activePublisher: publisher0$/m);
  await using witness = await renamed.witness();
  await witness.hears("publisher0");
  const flip = [
    'eval "$(npx natsby env)"',
    "pulumi config set activePublisher publisher1",
    "pulumi up --yes --skip-preview",
  ];
  await endsWith(0, renamed.shell(flip));
  await witness.hears("publisher1");
  for (const { handovers, doubled } of await witness.take()) assert.deepEqual([handovers.length, doubled], [1, 0]);
});

test("a copied folder is refused and says what to type, and the stack that it was copied from runs on", async () => {
  await using copy = copyOf(renamed);
  const running = renamed.processes();
  const bare = (line: string) => copy.shell(['eval "$(npx natsby env)"', `${line} --yes --skip-preview`]);
  const tries = {
    start: await copy.natsby(["start"]),
    stop: await copy.natsby(["stop"]),
    up: await bare("pulumi up"),
  };
  for (const [what, { code, output }] of Object.entries(tries)) {
    assert.equal(code, what === "up" ? 1 : 3, `${what}: ${output}`);
    assert.match(output, /belongs to another folder's stack/, what);
    assert.match(output, /natsby init local --fresh/, what);
  }
  // Pulumi asks no program what it may destroy; each resource is asked.
  const { output } = await endsWith(0, bare("pulumi destroy"));
  assert.match(output, /server0: left as it is, .* is not this stack's/);
  assert.deepEqual(renamed.processes(), running);
});

test("a copied folder that was given its own secret, folder and ports runs beside the one that it was copied from", async () => {
  await using copy = copyOf(renamed);
  const running = renamed.processes();
  await endsWith(0, copy.natsby(["init", "local", "--fresh"]));
  await endsWith(0, copy.natsby(["start"]));
  await using witness = await copy.witness();
  await witness.hears((await renamed.status()).activePublisher);
  await endsWith(0, copy.natsby(["stop"]));
  assert.deepEqual(renamed.processes(), running);
});

for (const sign of ["#", "%", "?"]) {
  test(`a folder with ${sign} in its name is refused with the reason, and nothing is made there`, async () => {
    await using project = makeProject({ name: `a${sign}b` });
    const { code, output } = await project.natsby(["start"]);
    assert.equal(code, 3);
    assert.match(
      output,
      /natsby cannot run in the folder ".*": Pulumi opens its state as a file:\/\/ URL, and #, % and \? mean/,
    );
    assert.match(output, /move or rename the folder/i);
    assert.ok(!existsSync(join(project.path, ".natsby")));
  });
}

/** As a user renames it: the `name` of Pulumi.yaml, and nothing else. */
function rename({ path }: Project, name: string): void {
  const file = join(path, "Pulumi.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^name: .*$/m, `name: ${name}`));
}
