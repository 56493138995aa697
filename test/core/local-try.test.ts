// Which stacks are a copied checkout's: in a table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { liesElsewhere, refuseForeignFolder } from "../../infra/core/local-try.ts";

const ownState = "file:///home/me/a clone/.natsby/state";

for (const [what, dataDir, backend, expected] of [
  ["its own folder", "/home/me/a clone/.natsby/local", ownState, false],
  ["its own folder, the backend written with a slash", "/home/me/a clone/.natsby/local", `${ownState}/`, false],
  ["its own folder, the backend with an option", "/home/me/a clone/.natsby/local", `${ownState}?metadata=skip`, false],
  ["the folder that it was copied from", "/home/me/clone/.natsby/local", ownState, true],
  ["a folder whose name only begins alike", "/home/me/a clone2/.natsby/local", ownState, true],
  ["a folder outside", "/var/lib/natsby", ownState, true],
  ["any folder, where clones share a backend", "/home/you/.natsby/local", "file:///srv/state", false],
  ["any folder, where the backend is a service", "/home/you/.natsby/local", "https://api.pulumi.com", false],
  ["any folder, where Pulumi chooses the backend", "/home/you/.natsby/local", undefined, false],
] as const) {
  test(`servers in ${what} ${expected ? "are another one's" : "are the stack's own"}`, () => {
    assert.equal(liesElsewhere(dataDir, backend), expected);
  });
}

test("the refusal names both folders and the way out", () => {
  const refuse = () => refuseForeignFolder("local", { dataDir: "/elsewhere/.natsby/local" }, ownState);
  const message = "dataDir /elsewhere/.natsby/local belongs to another folder's stack; this folder is /home/me/a clone";
  assert.throws(refuse, { code: "foreign-folder", message, hint: /natsby init local --fresh/ });
});
