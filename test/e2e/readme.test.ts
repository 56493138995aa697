// Every command that README.md tells a user to type, typed in its order, in a fresh checkout.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { endsWith } from "../support/bounded-run.ts";
import { makeProject } from "../support/project.ts";

const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
const blocksOf = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map((found) => found[1] ?? "");

/** `npm test` inside a test of it would never end; at a terminal `pulumi up` asks, which is not what is tested here. */
const asTyped = (line: string) => line.replace(/^npm test\b.*$/, "").replace(/^pulumi up$/, "pulumi up --yes");

test("every command of README.md works as typed, in its order", async () => {
  await using project = makeProject();
  const lines = blocksOf("sh")
    .flatMap((block) => block.split("\n"))
    .map(asTyped);
  assert.ok(lines.includes("pulumi up --yes"), "README.md shows the flip");
  await endsWith(0, project.shell([...lines, "npm stop"], "bash", { withinMs: 180_000 }));
});

test("the config that README.md shows for a user's own program runs it", async () => {
  const [yaml] = blocksOf("yaml");
  const { config } = parse(yaml ?? "") as { config: Record<string, unknown> };
  const values = Object.entries(config).map(([key, value]) => [key.replace(/^natsby:/, ""), value]);
  await using project = makeProject({ config: Object.fromEntries(values) });
  await project.bringUp();
  const heard = await endsWith(0, project.natsby(["verify", "--seconds", "1", "--json"]));
  assert.match(heard.stdout, /"publisher0"/);
});
