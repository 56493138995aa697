// Publishers and subjects come and go in the same commit as a flip: what comes is there before the cutover, what goes, after it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { endsWith } from "../support/bounded-run.ts";
import { patient, publishersAt } from "../support/project.ts";
import { watchedProject } from "../support/watched-project.ts";
import type { Handover } from "../support/witness.ts";

const rate = 200;
const [publisher0, publisher1] = publishersAt(rate);
/** A user's own program: it names no publisher in its messages, so the witness calls it `unnamed`. */
const python = ["python3", "examples/python/publisher.py", "test", String(rate)];
const publisher2 = { name: "publisher2", command: python };

const watched = watchedProject({ config: { ...patient, publishers: [publisher0, publisher1] } });
const { project } = watched;

test("a publisher and a subject are added in the commit that flips: nothing doubled, no running process restarted", async () => {
  const running = project.processes();
  project.configure({
    publishers: [publisher0, publisher1, publisher2],
    subjects: ["test", "prices"],
    activePublisher: "publisher1",
  });
  await endsWith(0, project.up());
  await watched.witness.hears("publisher1");
  await assertOneFlip("publisher0 -> publisher1");
  for (const [name, process] of running) assert.deepEqual(project.processes().get(name), process, name);
  assert.ok(project.processes().has("publisher2"));
  const { verdict, publishers } = await project.status();
  assert.deepEqual([verdict, publishers.map(({ publishing }) => publishing)], ["ok", [true, true, true]]);
});

test("the new subject is heard of the active publisher, at both upstreams", async () => {
  await watched.witness.take();
  await sleep(500);
  for (const { server, subjects, heard } of await watched.witness.take()) {
    assert.deepEqual([subjects, Object.keys(heard)], [["prices", "test"], ["publisher1"]], server);
  }
});

test("a program in Python takes over in the commit that takes a publisher and a subject away", async () => {
  const running = project.processes();
  await watched.witness.take();
  project.configure({ publishers: [publisher1, publisher2], subjects: ["test"], activePublisher: "publisher2" });
  await endsWith(0, project.up());
  await watched.witness.hears("unnamed");
  await assertOneFlip("publisher1 -> unnamed");
  const gone = new Set(["publisher0", "dummy-nats0"]);
  const left = new Map([...running].filter(([name]) => !gone.has(name)));
  assert.deepEqual(project.processes(), left);
  assert.equal((await project.status()).verdict, "ok");
});

test("a publisher that is heard is not taken away: flip first", async () => {
  const running = project.processes();
  await watched.witness.take();
  project.configure({ publishers: [publisher0, publisher1], activePublisher: "publisher2" });
  const misnamed = await project.pulumi(["preview"]);
  assert.notEqual(misnamed.code, 0);
  assert.match(misnamed.output, /natsby exit 3: [\s\S]*publisher0[\s\S]*publisher1/);
  project.configure({ publishers: [publisher1, { ...publisher2, command: [...python.slice(0, -1), "100"] }] });
  const { code, output } = await project.up();
  assert.notEqual(code, 0);
  assert.match(output, /natsby exit 3: this change restarts publisher2, which is heard now/);
  assert.match(output, /flip first/);
  assert.deepEqual(project.processes(), running);
  for (const { heard, subjects, doubled } of await watched.witness.take()) {
    assert.deepEqual([Object.keys(heard), subjects, doubled], [["unnamed"], ["test"], 0]);
  }
});

test("going back in git is going back: the stack plans no change", async () => {
  project.configure({ publishers: [publisher1, publisher2] });
  await watched.noChange();
});

async function assertOneFlip(expected: string): Promise<void> {
  const named = ({ from, to }: Handover) => `${from} -> ${to}`;
  for (const { server, handovers, doubled, old } of await watched.witness.take()) {
    assert.deepEqual([[...new Set(handovers.map(named))], doubled, old], [[expected], 0, 0], server);
  }
}
