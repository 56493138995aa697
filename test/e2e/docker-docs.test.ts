// Every command of docs/docker.md, typed in its order on a new checkout, with an engine of the test's own in the place of the machine's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { remainsOn } from "../support/docker-stack.ts";
import { noEngine, startEngine } from "../support/engine.ts";
import { freePorts } from "../support/ports.ts";
import { makeProject } from "../support/project.ts";
import { textOf } from "../support/project-files.ts";

const withinMs = 400_000;
const socket = "unix:///var/run/docker.sock";

test("docs/docker.md: from a new stack to the flip", { skip: noEngine() ?? false }, async () => {
  await using engine = await startEngine();
  await using project = makeProject();
  const blocks = [...textOf("docs/docker.md").matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block);
  const typed = blocks.join("").split("\n").filter(Boolean);
  assert.ok(typed.some((line) => line.includes(socket)));
  // The machine's own ports are not the test's to take.
  const [basePort] = await freePorts(1);
  const lines = typed.flatMap((line) => {
    // At a terminal Pulumi asks, which is not what is tested here.
    const own = line.replace(socket, engine.url).replace(/^pulumi up$/, "pulumi up --yes --skip-preview");
    return line.startsWith("natsby init") ? [`pulumi config set basePort ${basePort}`, own] : [own];
  });
  await endsWith(0, project.shell(lines, "bash", { withinMs }));
  const { stdout } = await endsWith(0, project.natsby(["status", "--stack", "containers"]));
  assert.match(stdout, /publisher1 is heard at every upstream/);
  const end = ['eval "$(npx natsby env)"', "pulumi destroy --yes --skip-preview --stack containers"];
  await endsWith(0, project.shell(end, "bash", { withinMs }));
  assert.deepEqual(await remainsOn(engine), []);
});
