// The form of each key by itself: a wrong type, an odd text or an unknown key is named with its path.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertRefused, least, parse, problemsWith, type Refusals } from "../../support/config.ts";

/** Publishers of which the first has these properties. */
const publisher0 = (properties: object) => ({ publishers: [{ name: "publisher0", ...properties }, { name: "b" }] });
const upstream0 = (properties: object) => ({ upstreams: [{ name: "server0", ...properties }] });

const refused: Refusals = {
  "a misspelt key": [{ activePubliser: "a" }, /^activePubliser: is not a setting; did you mean activePublisher\?$/],
  "a misspelt nested key": [upstream0({ clientport: 1 }), /^upstreams\[0\]\.clientport: .*did you mean clientPort\?/],
  "a misspelt timeout": [{ timeouts: { conect: 1 } }, /^timeouts\.conect: .*did you mean connect\?/],
  "a key like no other": [{ qqqqqqqqqq: 1 }, /^qqqqqqqqqq: is not a setting; there are platform, /],
  "a nested key set without --path": [{ "natsServer.version": "2.15.2" }, /^"natsServer.version": .* --path$/],
  "a key with a line break": [{ "a\nb": 1 }, /^"a\\nb": is not a setting/],
  "an unsafe key": [
    publisher0({ environment: JSON.parse('{"__proto__":"x"}') }),
    /^publishers\[0\]\.environment\.__proto__: /,
  ],
  "a key without a value": [{ settle: null }, /^settle: has no value/],
  "one publisher alone": [{ publishers: [{ name: "publisher0" }] }, /^publishers: .*at least 2/],
  "no upstream": [{ upstreams: [] }, /^upstreams: .*at least 1/],
  "no subject": [{ subjects: [] }, /^subjects: .*at least 1/],
  "a list that is none": [{ subjects: "test" }, /^subjects: "test" is not a list: write it as \["test"\]/],
  "an upstream that is a text": [
    { upstreams: ["a"] },
    /^upstreams\[0\]: "a" is not a mapping: write it as \{"name": "server0"\}/,
  ],
  "an upstream without a name": [{ upstreams: [{ clientPort: 9000 }] }, /^upstreams\[0\]\.name: is missing$/],
  "a relative folder": [{ dataDir: "data" }, /^dataDir: "data" is not an absolute folder/],
  "a folder with ..": [{ dataDir: "/srv/../etc" }, /^dataDir: /],
  "the root folder": [{ dataDir: "/" }, /^dataDir: /],
  "a low port to count from": [{ basePort: 80 }, /^basePort: 80 is not a port from 1024/],
  "no room for ports": [{ basePort: 65_500 }, /^basePort: 65500/],
  "a port out of range": [upstream0({ clientPort: 70_000 }), /^upstreams\[0\]\.clientPort: 70000 is not a port/],
  "a port that is a word": [upstream0({ clusterPort: "any" }), /^upstreams\[0\]\.clusterPort: "any" is not a port/],
  "half a millisecond": [{ settle: 0.5 }, /^settle: 0\.5 is not a whole number of milliseconds/],
  "an epoch below 0": [{ epoch: -1 }, /^epoch: -1 is not a whole number/],
  "a version that is a number": [{ natsServer: { version: 2.15 } }, /^natsServer\.version: 2\.15 is not a version/],
  "a duration with a unit": [
    { timeouts: { stop: "3s" } },
    /^timeouts\.stop: "3s" is not a whole number of milliseconds/,
  ],
  "yes for true": [{ allowActiveRestart: "yes" }, /^allowActiveRestart: "yes" is not true or false/],
  "a misspelt platform": [{ platform: "locl" }, /^platform: "locl" \(local\?\) is none of: local, docker, ssh$/],
  "a stamp in two places": [{ stamp: { json: "/a", header: "b" } }, /^stamp: .*exactly one place/],
  "a stamp in no place": [{ stamp: {} }, /^stamp: .*exactly one place/],
  "a stamp that is no pointer": [{ stamp: { json: "seq" } }, /^stamp\.json: "seq" is not a JSON pointer/],
  "a broken escape in a pointer": [{ stamp: { json: "/a~2" } }, /^stamp\.json: /],
  "a header with a colon": [{ stamp: { header: "a:b" } }, /^stamp\.header: /],
  "a command as one text": [publisher0({ command: "a b" }), /^publishers\[0\]\.command: "a b" is not a list/],
  "a command without a program": [publisher0({ command: ["", "x"] }), /^publishers\[0\]\.command: .*names no program/],
  "a fraction in a command": [
    publisher0({ command: ["sleep", 0.5] }),
    /^publishers\[0\]\.command\[1\]: 0\.5 .*put it in quotes/,
  ],
  "a zero byte for a program": [publisher0({ command: ["a\0b"] }), /^publishers\[0\]\.command\[0\]: /],
  "a variable that natsby sets": [
    publisher0({ environment: { NATS_URL: "x" } }),
    /^publishers\[0\]\.environment\.NATS_URL: /,
  ],
  "a variable with a space": [publisher0({ environment: { "a b": "x" } }), /^publishers\[0\]\.environment\["a b"\]: /],
  "a rate of 0": [
    publisher0({ rate: 0, command: ["a"] }),
    /^publishers\[0\]\.rate: 0 is not a whole number of messages/,
  ],
  "an unknown risk": [
    { once: { flag: "accept-degrade", reason: "r", ticket: 1 } },
    /^once\.flag: .*\(accept-degraded\?\)/,
  ],
  "a risk without a reason": [{ once: { flag: "accept-degraded", reason: " ", ticket: 1 } }, /^once\.reason: /],
};

describe("a key of the config", () => {
  for (const [what, row] of Object.entries(refused)) it(`is refused: ${what}`, () => assertRefused(row));

  const oddNames = [
    "",
    "a b",
    'a"b',
    "a'b",
    "a\\b",
    "$(reboot)",
    "a\nb",
    "ü",
    "A",
    "0a",
    "-a",
    "a.b",
    "a_b",
    "a".repeat(64),
    "a".repeat(300),
  ];
  for (const odd of [...oddNames, "no", "yes", "on", "off", "true", "null", 7, true, null, [], {}]) {
    it(`takes no ${JSON.stringify(odd).slice(0, 30)} for a name`, () => {
      assertRefused([{ publishers: [{ name: "publisher0" }, { name: odd }] }, /^publishers\[1\]\.name: /]);
    });
  }

  const badSubjects = [
    "",
    "a b",
    "a..b",
    ".a",
    "a.",
    "a*",
    "a.>.b",
    ">>",
    "$SYS.x",
    "_INBOX.x",
    "a\tb",
    "a\nb",
    "x".repeat(256),
    5,
  ];
  for (const subject of badSubjects) {
    it(`takes no ${JSON.stringify(subject).slice(0, 30)} for a subject`, () => {
      assertRefused([{ subjects: ["ok", subject] }, /^subjects\[1\]: /]);
    });
  }

  it("may be a subject with wildcards, quotes, backslashes or another alphabet", () => {
    const subjects = [">", "*", "a.*.c", "a.>", 'a"b', "a\\b", "märkte.dax", "a.$(x)", "A-b_c"];
    assert.deepEqual(parse({ ...least, subjects }).subjects, subjects);
  });

  it("may be a stamp deep in the message, or in a header", () => {
    for (const stamp of [{ json: "/a/0/b~1c~0" }, { header: "Nats-Msg-Id" }]) {
      assert.deepEqual(parse({ ...least, stamp }).stamp, stamp);
    }
  });

  it("may be a folder with spaces and quotes, which loses a slash at its end", () => {
    assert.equal(parse({ ...least, dataDir: `/srv/a "b" 'c' ü/` }).dataDir, `/srv/a "b" 'c' ü`);
  });

  it("is judged in no time, however long it is", () => {
    const started = performance.now();
    problemsWith({ stamp: { json: `${"/".repeat(299)}~` }, dataDir: "/".repeat(5_000), ["q".repeat(5_000)]: 1 });
    assert.ok(performance.now() - started < 500);
  });

  it("shows a hostile value on one line, cut and without control characters", () => {
    const [line = ""] = problemsWith({ dataDir: `\u001b[31m${"x".repeat(300)}\u202e\n` });
    assert.match(line, /^dataDir: "/);
    assert.doesNotMatch(line, /\p{C}/u);
    assert.ok(line.length < 200, line);
  });
});
