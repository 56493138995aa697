// Another key and other passwords for one server, by its generation in the config: a stolen key is worth nothing after it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { patient, publishersAt } from "../support/project.ts";
import { watchedProject } from "../support/watched-project.ts";

const [first, second] = publishersAt(200);
const watched = watchedProject({ config: { ...patient, publishers: [first, second] } });
const { project } = watched;

/** The key that is pinned under a name at each upstream. */
const pinsOf = (server: string): readonly (string | undefined)[] =>
  ["server0", "server1"].map((upstream) => {
    const text = readFileSync(join(project.dataDir, upstream, "pins.conf"), "utf8");
    return new RegExp(`"([0-9a-f]{64})" # ${server}$`, "m").exec(text)?.[1];
  });

test("the standby's is raised: in one run its new key is let in and the old one is gone; nobody else is touched", async () => {
  const [before, others] = [pinsOf("dummy-nats1"), pinsOf("dummy-nats0")];
  const running = project.processes();
  project.configure({ publishers: [first, { ...second, generation: 1 }] });
  await endsWith(0, project.up());
  const [now] = pinsOf("dummy-nats1");
  assert.ok(now !== undefined && now !== before[0]);
  assert.deepEqual([pinsOf("dummy-nats1"), pinsOf("dummy-nats0")], [[now, now], others]);
  for (const { server, doubled, lost, heard } of await watched.witness.take())
    assert.deepEqual([Object.keys(heard), doubled, lost], [["publisher0"], 0, 0], server);
  const renewed = [...project.processes()].filter(([name, { pid }]) => running.get(name)?.pid !== pid);
  assert.deepEqual(renewed.map(([name]) => name).toSorted(), ["dummy-nats1", "publisher1"]);
  await watched.noChange();
  assert.equal((await project.status()).verdict, "ok");
});

test("it takes over with its new key; now it is the active one, and another generation of it is refused: flip first", async () => {
  await project.flipTo("publisher1");
  await watched.hears("publisher1");
  project.configure({ publishers: [first, { ...second, generation: 2 }] });
  const { output } = await project.pulumi(["preview"]);
  assert.match(output, /natsby exit 3: this change restarts publisher1, which is heard now \(dummy-nats1: generation/);
  project.configure({ publishers: [first, { ...second, generation: 1 }] });
});

test("an upstream's is raised: it is heard there again, and nothing is doubled anywhere", async () => {
  project.configure({ upstreams: [{ name: "server0" }, { name: "server1", generation: 1 }] });
  await endsWith(0, project.up());
  await watched.witness.hears("publisher1");
  const [at0, at1] = await watched.witness.take();
  assert.deepEqual([at0?.doubled, at0?.old, at1?.doubled, at1?.old], [0, 0, 0, 0]);
  assert.equal(at0?.lost, 0, "no hole at the other one");
  assert.equal(new Set(pinsOf("server1")).size, 1);
  await watched.noChange();
  assert.equal((await project.status()).verdict, "ok");
});
