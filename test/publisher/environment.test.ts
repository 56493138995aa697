// What the reference publisher reads from its environment.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UserError } from "../../infra/core/errors.ts";
import { publisherOptions } from "../../scripts/publisher/environment.ts";

const least = { NATS_URL: "nats://127.0.0.1:4422", NATS_USER: "publisher0", NATS_PASSWORD: "p" };

describe("the environment of a publisher", () => {
  it("has defaults for all but the server", () => {
    assert.deepEqual(publisherOptions(least), {
      ...{ name: "publisher0", user: "publisher0", password: "p", url: least.NATS_URL },
      ...{ subjects: ["test"], rate: 10 },
    });
  });

  it("may name wildcards, which are published as all", () => {
    const options = publisherOptions({
      ...least,
      NATSBY_SUBJECTS: '["a","md.>"]',
      NATSBY_RATE: "1000",
      NATSBY_PUBLISHER: "x",
    });
    assert.deepEqual([options.subjects, options.rate, options.name], [["a", "md.all"], 1000, "x"]);
  });

  it("is refused with everything that is wrong, as a wrong use", () => {
    const run = () => publisherOptions({ NATS_URL: "localhost", NATSBY_SUBJECTS: "test", NATSBY_RATE: "0" });
    assert.throws(run, (error: unknown) => {
      assert.ok(error instanceof UserError);
      for (const name of ["NATS_URL", "NATS_USER", "NATSBY_SUBJECTS", "NATSBY_RATE"])
        assert.match(error.message, new RegExp(name));
      return error.exitCode === 64;
    });
  });
});
