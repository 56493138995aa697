// Configs for tests of the parser: the least that is accepted, and the lines of what is refused.

import assert from "node:assert/strict";
import { stringify } from "yaml";
import { UserError } from "../../infra/core/errors.ts";
import { parseSettings, type Settings } from "../../infra/core/settings.ts";
import { configFromFile } from "../../infra/core/stack-config.ts";

/** How an encrypted value stands in a stack's file. */
export const secure = { secure: "v1:c2FsdA==:Y2lwaGVy" };

/** A host of the platform ssh. */
export const host = {
  address: "192.0.2.1",
  hostKey: `ssh-ed25519 ${"A".repeat(68)}`,
};

/** The least that a stack on hosts of its own needs besides its secret. */
export const onHosts = {
  platform: "ssh",
  hosts: { hub: { ...host, user: "ops", port: 2222 }, web1: { ...host, address: "web1.example.com", jump: "hub" } },
  sshPrivateKeys: { default: secure },
  upstreams: [{ name: "server0", host: "hub" }],
  publishers: [
    { name: "publisher0", host: "hub", command: ["/srv/publish"] },
    { name: "publisher1", host: "web1", command: ["/srv/publish"] },
  ],
};

/** The least that a stack needs. */
export const least = { dataDir: "/srv/natsby", basePort: 4222, clusterSecret: secure, activePublisher: "publisher0" };

/** Parses values as they would stand in a stack's file. */
export function parse(values: object, stack = "local"): Settings {
  const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`natsby:${key}`, value]));
  const text = stringify({ config }, { defaultStringType: "QUOTE_DOUBLE", aliasDuplicateObjects: false });
  return parseSettings(configFromFile({ project: "natsby", stack }, text));
}

/** What is wrong with a config that has these values besides the least. */
export const problemsWith = (values: object): string[] => problemsOf(() => parse({ ...least, ...values }));

/** Lines of the error that `run` ends with, without their indent; none where it ends well. Any other error fails the test. */
export function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof UserError, `not a UserError: ${String(error)}`);
    assert.deepEqual([error.exitCode, error.code], [3, "config"]);
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.slice(2));
  }
  return [];
}

/** One test a row: exactly one problem, with the path and text that are expected. */
export type Refusals = Readonly<Record<string, readonly [values: object, expected: RegExp]>>;

/** Asserts one row of {@link Refusals}. */
export function assertRefused([values, expected]: Refusals[string]): void {
  const found = problemsWith(values);
  assert.equal(found.length, 1, `one problem, not ${found.length}:\n${found.join("\n")}`);
  assert.match(found[0] ?? "", expected);
}
