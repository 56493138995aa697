// The stack's config file as a verb changes it: whole or not at all, and never over somebody else's change.

import assert from "node:assert/strict";
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../../infra/core/errors.ts";
import { changeFile, replaceFile } from "../../scripts/verbs/stack-file.ts";
import { temporary } from "../support/temporary.ts";

const text = "config:\n  natsby:activePublisher: publisher0\n";

function fileIn(folder: string) {
  const path = join(folder, "Pulumi.local.yaml");
  writeFileSync(path, text);
  return { path, project: "natsby", text };
}

test("a change and its way back leave the same bytes and the same mode, and nothing beside it", async () => {
  using folder = temporary();
  const file = fileIn(folder.path);
  chmodSync(file.path, 0o640);
  const changed = await changeFile(file, { activePublisher: "publisher1" });
  assert.equal(readFileSync(file.path, "utf8"), text.replace("publisher0", "publisher1"));
  await replaceFile(changed, file.text);
  assert.equal(readFileSync(file.path, "utf8"), text);
  assert.equal(statSync(file.path).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(folder.path), ["Pulumi.local.yaml"]);
});

test("what somebody else changed meanwhile is left as it is: exit 3", async () => {
  using folder = temporary();
  const file = fileIn(folder.path);
  writeFileSync(file.path, `${text}# mine\n`);
  await assert.rejects(
    changeFile(file, { activePublisher: "publisher1" }),
    (error) => error instanceof UserError && error.code === "config-changed" && error.exitCode === 3,
  );
  assert.equal(readFileSync(file.path, "utf8"), `${text}# mine\n`);
});

test("of two at once one writes, the other is refused", async () => {
  using folder = temporary();
  const file = fileIn(folder.path);
  const both = await Promise.allSettled([changeFile(file, { epoch: 1 }), changeFile(file, { epoch: 2 })]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
});

test("a link stays a link: the file that it leads to is changed", async () => {
  using folder = temporary();
  const file = fileIn(folder.path);
  const link = join(folder.path, "link.yaml");
  symlinkSync(file.path, link);
  await changeFile({ ...file, path: link }, { epoch: 1 });
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.match(readFileSync(file.path, "utf8"), /epoch: "1"/);
});
