// A stack's folder belongs to one stack: taken where it is nobody's, refused where it is another's, never written over.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { localHost } from "../../infra/hosts/local.ts";
import { isOwner, takeFolder } from "../../scripts/apply/owner.ts";
import { temporary } from "../support/temporary.ts";

const mine = "a secret of tests, long enough to be one";
const others = "another secret of tests, as long as this";
const backend = process.env.PULUMI_BACKEND_URL;
const setBackend = (url: string | undefined): void => {
  if (url === undefined) delete process.env.PULUMI_BACKEND_URL;
  else process.env.PULUMI_BACKEND_URL = url;
};
setBackend(undefined);
afterEach(() => setBackend(undefined));
process.once("exit", () => setBackend(backend));

test("a folder that is nobody's is taken, privately, without the secret in it; taken again it is still mine", async () => {
  using folder = temporary("data dir");
  const dataDir = join(folder.path, "local");
  await takeFolder(localHost(dataDir), dataDir, mine);
  await takeFolder(localHost(dataDir), dataDir, mine);
  assert.equal(statSync(join(dataDir, "natsby.json")).mode & 0o777, 0o600);
  assert.match(readFileSync(join(dataDir, "natsby.json"), "utf8"), /^\{"instance":"[0-9a-f]{16}"\}\n$/);
});

test("another stack's folder is refused, with what to type, and left as it is", async () => {
  using folder = temporary();
  await takeFolder(localHost(folder.path), folder.path, others);
  const before = readFileSync(join(folder.path, "natsby.json"), "utf8");
  await assert.rejects(takeFolder(localHost(folder.path), folder.path, mine), {
    name: "UserError",
    code: "foreign-folder",
    exitCode: 3,
    message: `dataDir ${folder.path} belongs to another stack`,
    hint: "give this stack its own: `natsby init local --fresh`; if its clusterSecret was changed, put the old one into clusterSecretPrevious",
  });
  assert.equal(readFileSync(join(folder.path, "natsby.json"), "utf8"), before);
  assert.equal(await isOwner(localHost(folder.path), folder.path, mine), false);
});

test("asking whose a folder is takes nothing", async () => {
  using folder = temporary();
  assert.equal(await isOwner(localHost(folder.path), folder.path, mine), false);
  assert.equal(existsSync(join(folder.path, "natsby.json")), false);
});

test("a folder whose name of its owner is broken is not taken: it is somebody's", async () => {
  using folder = temporary();
  for (const text of ["", "{", "{}", '{"instance":""}']) {
    writeFileSync(join(folder.path, "natsby.json"), text);
    await assert.rejects(takeFolder(localHost(folder.path), folder.path, mine), { code: "foreign-folder" });
    assert.equal(readFileSync(join(folder.path, "natsby.json"), "utf8"), text);
  }
});

test("a checkout that was copied with its stack does not own the first one's folder", async () => {
  using folder = temporary("clones");
  const dataDir = join(folder.path, "first/.natsby/local");
  await takeFolder(localHost(dataDir), dataDir, mine);
  setBackend(`file://${folder.path}/first/.natsby/state`);
  assert.equal(await isOwner(localHost(dataDir), dataDir, mine), true);
  setBackend(`file://${folder.path}/copy/.natsby/state`);
  await assert.rejects(takeFolder(localHost(dataDir), dataDir, mine), { code: "foreign-folder" });
  setBackend("s3://shared");
  assert.equal(await isOwner(localHost(dataDir), dataDir, mine), true);
});
