// The parser of a stack's config as a whole: its defaults, and that it says everything that is wrong at once.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { keySchemas } from "../../infra/core/settings/keys.ts";
import { parseSettings, type Settings } from "../../infra/core/settings.ts";
import { configFromFile, configFromPulumi } from "../../infra/core/stack-config.ts";
import { least, parse, problemsOf, problemsWith, secure } from "../support/config.ts";

const name = { project: "natsby", stack: "local" };

describe("settings", () => {
  it("fill in every default", () => {
    const { timeouts, upstreams, publishers, ...rest } = parse(least);
    const ports = { generation: 0, clientPort: null, monitorPort: null };
    const publisher = { command: null, environment: {}, rate: 10, ...ports };
    assert.deepEqual(upstreams, [
      { name: "server0", ...ports, clusterPort: null },
      { name: "server1", ...ports, clusterPort: null },
    ]);
    assert.deepEqual(publishers, [
      { name: "publisher0", ...publisher },
      { name: "publisher1", ...publisher },
    ]);
    assert.deepEqual(rest, {
      ...{ platform: "local", link: "routes", activePublisher: "publisher0", subjects: ["test"] },
      ...{ stamp: { json: "/seq" }, settle: 50, maxLag: 500, dataDir: "/srv/natsby", basePort: 4222, rotating: false },
      ...{
        hosts: null,
        engines: null,
        fenced: [],
        once: null,
        epoch: 0,
        natsServer: { version: "2.15.2" },
        allowActiveRestart: false,
      },
    });
    assert.deepEqual(timeouts, {
      ...{ connect: 2000, request: 2000, detach: 2000, stop: 3000, start: 10_000 },
      ...{ fresh: 2000, attach: 5000, heard: 5000, observe: 2000, silence: 3000 },
    });
  });

  it("take no stamp for granted once a publisher is the user's own", () => {
    const publishers = [{ name: "publisher0" }, { name: "publisher1", command: ["python3", "p.py"] }];
    assert.equal(parse({ ...least, publishers }).stamp, null);
    assert.deepEqual(parse({ ...least, publishers, stamp: { header: "Seq" } }).stamp, { header: "Seq" });
  });

  it("read what pulumi config set leaves: numbers, booleans and lists as text", () => {
    const settings = parse({
      ...least,
      ...{
        basePort: "4300",
        epoch: "3",
        allowActiveRestart: "true",
        subjects: '["a.*","b"]',
        timeouts: '{"stop":"100"}',
      },
      publishers: [
        { name: "p0", command: ["sleep", 5, true] },
        { name: "p1", environment: { A: 3, B: 'a "b"\n$(c) ü' } },
      ],
      ...{ activePublisher: "p1", fenced: ["server1", "p0"], clusterSecretPrevious: secure },
    });
    assert.deepEqual([settings.basePort, settings.epoch, settings.allowActiveRestart], [4300, 3, true]);
    assert.deepEqual(settings.subjects, ["a.*", "b"]);
    assert.deepEqual([settings.timeouts.stop, settings.timeouts.start], [100, 10_000]);
    assert.deepEqual(settings.publishers[0]?.command, ["sleep", "5", "true"]);
    assert.deepEqual(settings.publishers[1]?.environment, { A: "3", B: 'a "b"\n$(c) ü' });
    assert.deepEqual([settings.fenced, settings.rotating], [["p0", "server1"], true]);
  });

  it("come out of the commented example, which names every key", () => {
    const text = readFileSync(join(import.meta.dirname, "../../stacks/Pulumi.example.yaml"), "utf8");
    const settings = parseSettings(configFromFile({ project: "natsby", stack: "example" }, text));
    assert.equal(settings.publishers.length, 3);
    for (const key of Object.keys(keySchemas)) assert.match(text, new RegExp(`natsby:${key}:`), key);
  });

  it("say everything that is wrong at once, in one error", () => {
    const publishers = [{ name: "a" }, { name: "a" }, { nam: 1 }];
    const found = problemsWith({ settle: "1s", epoch: -1, subjects: [], publishers, qq: 1, fenced: ["b"] });
    assert.deepEqual(found.map((line) => line.split(": ")[0]).toSorted(), [
      "activePublisher",
      "epoch",
      "fenced[0]",
      "publishers[1].name",
      "publishers[2].nam",
      "publishers[2].name",
      "qq",
      "settle",
      "subjects",
    ]);
  });

  it("never show a secret, nor a value that is secret by mistake", () => {
    const all = {
      ...{ "natsby:clusterSecret": "short-hush", "natsby:activePublisher": "hush" },
      "natsby:publishers": '[{"name":"hush0"},{"name":"hush0"}]',
    };
    const found = problemsOf(() => parseSettings(configFromPulumi(name, all, Object.keys(all)))).join("\n");
    assert.doesNotMatch(found, /hush/);
    assert.match(found, /^clusterSecret: has less than 32 characters/m);
  });
});

const words = [
  "",
  "yes",
  "no",
  "on",
  "5",
  "-1",
  "true",
  "publisher1",
  "server0",
  '["a"]',
  "{}",
  "x".repeat(300),
  "$(id)",
  "ü\n",
];
const nestedKeys = [
  "name",
  "host",
  "clientPort",
  "command",
  "environment",
  "rate",
  "json",
  "header",
  "stop",
  "flag",
  "x y",
  "__proto__",
];

/** Anything that YAML can hold. */
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 12 })),
    fc.oneof(fc.integer({ min: -5, max: 70_000 }), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...nestedKeys), tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** A config that is mostly right: the least that is needed, with a few keys put over it. */
const anyConfig = fc
  .dictionary(fc.oneof(fc.constantFrom(...Object.keys(keySchemas)), fc.string({ maxLength: 8 })), anyValue, {
    maxKeys: 5,
  })
  .map((odd) => ({ ...least, ...odd }));

describe("settings, whatever is in the config", () => {
  it("come out valid, or as one UserError of which every line has a path", () => {
    const parsed = (values: object) =>
      parseSettings({ ...name, values: { ...values }, secretKeys: new Set(["clusterSecret"]), problems: [] });
    fc.assert(
      fc.property(anyConfig, (values) => {
        for (const line of problemsOf(() => parsed(values))) assert.match(line, /^\S.*?: \S/);
      }),
      { numRuns: 2_000 },
    );
  });

  it("are the same by Pulumi's road and by the file's", () => {
    fc.assert(
      fc.property(anyConfig, (values) => {
        const all = Object.entries(values).map(([key, value]) => [`natsby:${key}`, asPulumiGives(value)] as const);
        const secrets = Object.entries(values).flatMap(([key, value]) => (value === secure ? [`natsby:${key}`] : []));
        const byPulumi = outcome(() => parseSettings(configFromPulumi(name, Object.fromEntries(all), secrets)));
        assert.deepEqual(
          byPulumi,
          outcome(() => parse(values)),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

function asPulumiGives(value: unknown): string {
  if (value === secure) return "s".repeat(40);
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function outcome(run: () => Settings): unknown {
  const settings: Settings[] = [];
  const found = problemsOf(() => settings.push(run()));
  return found.length > 0 ? "refused" : settings;
}
