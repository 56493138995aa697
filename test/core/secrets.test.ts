// Passwords and names from one secret: the same everywhere, for ever, and different for every use.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { derive, instanceOf, passwordOf, subscriberPassword } from "../../infra/core/secrets.ts";

const secret = "a secret of tests, long enough to be one";

test("what is derived never changes: running clusters hold it", () => {
  assert.equal(passwordOf(secret, "server0", "natsby"), "eZpx1LORLR6AZBDAJh6jL5Pccblab_z0");
  assert.equal(subscriberPassword(secret), "8jnGcrEVj4W4zxSOvOE4TOfSfSiws2PJ");
  assert.equal(instanceOf(secret), "8a935772f46196e2");
});

test("every server, user and secret has a password of its own", () => {
  const server = fc.constantFrom("server0", "server1", "dummy-nats0");
  const user = fc.constantFrom("natsby", "natsby-probe", "publisher0");
  const use = fc.tuple(fc.string({ minLength: 32 }), server, user);
  fc.assert(
    fc.property(use, use, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      assert.equal(passwordOf(...one) === passwordOf(...other), isSame);
    }),
  );
});

test("a password needs no quoting in a URL, a shell or a config, and never looks like a hash to nats-server", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 32 }), (any) => {
      assert.match(passwordOf(any, "server0", "natsby"), /^[\w-]{32}$/);
    }),
  );
});

test("the name of a stack gives nothing away of its secret", () => {
  assert.notEqual(instanceOf(secret), derive(secret, "key/server0", 8).toString("hex"));
  assert.equal(instanceOf(secret).length, 16);
});
