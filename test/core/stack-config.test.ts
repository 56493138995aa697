// The two roads by which a config comes in: from Pulumi, and from the stack's file.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSettings } from "../../infra/core/settings.ts";
import { configFromFile, configFromPulumi } from "../../infra/core/stack-config.ts";
import { problemsOf } from "../support/config.ts";

const name = { project: "natsby", stack: "local" };

describe("a stack's config", () => {
  it("takes the project's own keys, whatever the project is called", () => {
    const all = { "renamed:epoch": "1", "natsby:epoch": "2", "renamed:config:settle": "3" };
    const config = configFromPulumi({ project: "renamed", stack: "a" }, all, ["renamed:epoch", "natsby:x"]);
    assert.deepEqual(config.values, { epoch: "1", settle: "3" });
    assert.deepEqual([...config.secretKeys], ["epoch"]);
  });

  it("reads keys of the file with and without a namespace, and leaves other namespaces alone", () => {
    const config = configFromFile(name, "config:\n  aws:region: x\n  natsby:config:epoch: 1\n  settle: 2\n");
    assert.deepEqual(config.values, { epoch: 1, settle: 2 });
  });

  it("sees a secret wherever it is", () => {
    const text =
      "config:\n  natsby:a: {secure: v1:x}\n  natsby:b: [{c: {secure: v1:x}}]\n  natsby:d: {secure: v1:x, e: 1}\n";
    assert.deepEqual([...configFromFile(name, text).secretKeys], ["a", "b"]);
  });

  it("is empty where the file has no config yet", () => {
    for (const text of ["", "encryptionsalt: v1:x\n", "config:\n"])
      assert.deepEqual(configFromFile(name, text).values, {});
  });

  it("refuses plain values that Pulumi's YAML reader takes for something else", () => {
    for (const plain of ["022", "1_000", "2026-01-01"]) {
      const text = `config:\n  natsby:publishers: [{name: a}, {name: b, environment: {X: ${plain}}}]\n  other:x: ${plain}\n`;
      const found = problemsOf(() => parseSettings(configFromFile(name, text)));
      assert.equal(found[0]?.startsWith(`publishers[1].environment.X: "${plain}" is read in two ways`), true, found[0]);
      assert.equal(configFromFile(name, text.replaceAll(plain, `"${plain}"`)).problems.length, 0);
    }
  });

  it("says where a file is no YAML", () => {
    const unreadable = {
      "[}": /cannot be read: /,
      "- a": /it is not a mapping/,
      "a: 1\na: 2": /cannot be read: .*unique/,
    };
    for (const [text, expected] of Object.entries(unreadable)) {
      const [line = ""] = problemsOf(() => configFromFile(name, text));
      assert.match(line, /^stacks\/Pulumi\.local\.yaml: /);
      assert.match(line, expected);
    }
  });

  it("is not swamped by references that multiply", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh".replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`;
    assert.match(problemsOf(() => configFromFile(name, bomb))[0] ?? "", /cannot be read: /);
  });
});
