// A stack's config file, edited: what `pulumi config set` would leave, and nothing else changed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { editInStackConfig, editStackConfig } from "../../infra/core/stack-config-edit.ts";

const text = `# Our stack.
encryptionsalt: v1:c2FsdA==:v1:x:y==
config:
  # Who is heard.
  natsby:activePublisher: publisher0 # as of today

  natsby:basePort: "5022"
  natsby:clusterSecret:
    secure: v1:abc:def==
  other:key: untouched
`;

test("a value is changed in its place: comments, order and secrets stay", () => {
  const edited = editStackConfig(text, "natsby", { activePublisher: "publisher1" });
  assert.equal(edited, text.replace("publisher0 #", "publisher1 #"));
});

test("numbers become texts and lists are written as pulumi config set leaves them", () => {
  const edited = editStackConfig(text, "natsby", { epoch: 3, fenced: ["publisher0", "server1"] });
  assert.equal(edited, `${text}  natsby:epoch: "3"\n  natsby:fenced:\n    - publisher0\n    - server1\n`);
});

test("a key is taken away, and one that is not there stays away", () => {
  const once = editStackConfig(text, "natsby", { once: { flag: "accept-silent", reason: "a try", ticket: 7 } });
  assert.match(once, /natsby:once:\n {4}flag: accept-silent\n {4}reason: a try\n {4}ticket: 7\n/);
  assert.equal(editStackConfig(once, "natsby", { once: undefined }), text);
  assert.equal(editStackConfig(text, "natsby", { once: undefined }), text);
});

test("a key is found in each of the forms that Pulumi reads, and in a renamed project", () => {
  for (const key of ["renamed:activePublisher", "renamed:config:activePublisher", "activePublisher"]) {
    const edited = editStackConfig(`config:\n  ${key}: publisher0\n`, "renamed", { activePublisher: "publisher1" });
    assert.equal(edited, `config:\n  ${key}: publisher1\n`);
  }
});

test("a file without a config gets one", () => {
  assert.equal(
    editStackConfig("encryptionsalt: x\n", "natsby", { epoch: 1 }),
    'encryptionsalt: x\nconfig:\n  natsby:epoch: "1"\n',
  );
});

test("one value within a mapping is changed or added, and what stands around it stays", () => {
  const hosts = `config:\n  natsby:hosts:\n    # In the north.\n    north:\n      address: 192.0.2.1 # rented\n`;
  const added = editInStackConfig(hosts, "natsby", ["hosts", "north", "hostKey"], "ssh-ed25519 AAAA");
  assert.equal(added, `${hosts}      hostKey: ssh-ed25519 AAAA\n`);
  const changed = editInStackConfig(added, "natsby", ["hosts", "north", "hostKey"], "ssh-ed25519 BBBB");
  assert.equal(changed, `${hosts}      hostKey: ssh-ed25519 BBBB\n`);
});
