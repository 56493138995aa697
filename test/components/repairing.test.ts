// The transform that carries reasons to repair: it touches natsby's commands alone, and one input of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type * as pulumi from "@pulumi/pulumi";
import { leaving, repairing } from "../../infra/components/drift.ts";
import { leftAlone } from "../../infra/core/left-alone.ts";
import { testTopology } from "../support/topology.ts";

const command = "command:local:Command";
const props = { create: "exec x", environment: { NATSBY_SERVER: "server0" } };

/** What the transform makes of one resource; undefined: it leaves it as it is. */
async function transformed(
  drift: ReadonlyMap<string, string> | undefined,
  over: Partial<pulumi.ResourceTransformArgs> = {},
): Promise<{ props: pulumi.Inputs; opts: pulumi.CustomResourceOptions } | undefined> {
  const transform = repairing(drift && Promise.resolve(drift));
  const args = { custom: true, type: command, name: "server0-server", props, opts: {}, ...over };
  return (await transform(args as pulumi.ResourceTransformArgs)) as Awaited<ReturnType<typeof transformed>>;
}

test("a healthy resource keeps the token of its last repair: nothing is planned", async () => {
  const healthy = { props, opts: { ignoreChanges: ["environment.NATSBY_REPAIR"] } };
  assert.deepEqual(await transformed(new Map()), healthy);
  assert.deepEqual(await transformed(new Map([["server1-server", "a reason"]])), healthy);
});

test("what is to be ignored anyway stays so", async () => {
  const found = await transformed(new Map(), { opts: { ignoreChanges: ["stdin"], retainOnDelete: true } as never });
  assert.deepEqual(found?.opts, { ignoreChanges: ["stdin", "environment.NATSBY_REPAIR"], retainOnDelete: true });
});

test("a resource with a reason gets a token that says it, and no token is ignored", async () => {
  const found = await transformed(new Map([["server0-server", "server0 does not run"]]));
  const { NATSBY_REPAIR, ...environment } = (found ?? assert.fail()).props.environment;
  assert.match(NATSBY_REPAIR, /server0 does not run.*\d\d:\d\d:\d\d/);
  assert.deepEqual(environment, props.environment);
  assert.deepEqual({ ...found?.props, environment }, props);
  assert.deepEqual(found?.opts, {});
});

test("a resource without an environment gets one", async () => {
  const { environment: _, ...bare } = props;
  const found = await transformed(new Map([["server0-server", "x"]]), { props: bare });
  assert.deepEqual(Object.keys(found?.props.environment), ["NATSBY_REPAIR"]);
});

test("components, other resources, and stacks that nobody looked at are left as they are", async () => {
  const found = new Map([["server0-server", "x"]]);
  assert.equal(await transformed(found, { type: "natsby:index:Upstream" }), undefined);
  assert.equal(await transformed(found, { type: "docker:index/container:Container" }), undefined);
  assert.equal(await transformed(undefined), undefined);
});

test("a resource that is left alone has every input of its own ignored, and is told so where it is made anew; no other is", () => {
  const transform = leaving(leftAlone(testTopology({ fenced: ["publisher0", "server1"] }), "publisher1"));
  const transformedTo = (name: string, type = command) => {
    const args = { custom: true, type, name, props, opts: { retainOnDelete: true } };
    return transform(args as unknown as pulumi.ResourceTransformArgs) as pulumi.ResourceTransformResult;
  };
  const known = ["create", "update", "delete", "environment", "stdin", "addPreviousOutputInEnv", "triggers"];
  for (const [name, why] of [
    ["dummy-nats0-server", "given up"],
    ["publisher0-process", "given up"],
    ["server1-server", "given up"],
    ["dummy-nats1-server", "held back"],
  ] as const) {
    const environment = { NATSBY_SERVER: "server0", NATSBY_LEFT_ALONE: why };
    const opts = { retainOnDelete: true, ignoreChanges: known };
    assert.deepEqual(transformedTo(name), { props: { ...props, environment }, opts }, name);
  }
  for (const name of ["dummy-nats2-server", "publisher2-process", "server0-server", "cutover-run", "cutover-contract"])
    assert.equal(transformedTo(name), undefined, name);
  assert.equal(transformedTo("dummy-nats0-server", "natsby:index:Dummy"), undefined);
});
