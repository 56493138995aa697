// How a set-up is shown: lines that stay, and on a terminal one that is written over.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { elapsed, showProgress } from "../../scripts/toolchain/show-progress.ts";

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 60, written, write: (text: string) => written.push(text) > 0 };
}

test("where there is no terminal, a long build says at least every 30 s what it does and how long it usually takes", () => {
  mock.timers.enable({ apis: ["setInterval", "Date"] });
  const out = stream(false);
  {
    using progress = showProgress(out);
    progress({ kind: "passed", tool: "pulumi", source: "PATH", reason: "there is none" });
    progress({ kind: "doing", tool: "pulumi", what: "building", usually: "4 min" });
    progress({ kind: "detail", tool: "pulumi", detail: "17 packages compiled" });
    for (let n = 0; n < 4; n++) mock.timers.tick(20_000);
    progress({ kind: "done", tool: "pulumi", text: "3.274.1 is there" });
    mock.timers.tick(80_000);
  }
  mock.timers.reset();
  assert.deepEqual(out.written, [
    "  pulumi: not from PATH: there is none\n",
    "  pulumi: building (usually 4 min)\n",
    ...["20 s", "40 s", "1 min 00 s", "1 min 20 s"].map(
      (time) => `  pulumi: still building, ${time} of usually 4 min (17 packages compiled)\n`,
    ),
    "  pulumi: 3.274.1 is there\n",
  ]);
});

test("on a terminal the last line is written over, fits, and is gone at the end", () => {
  mock.timers.enable({ apis: ["setInterval", "Date"] });
  const out = stream(true);
  {
    using progress = showProgress(out);
    for (const tool of ["pulumi", "nats-server"]) progress({ kind: "doing", tool, what: "building", usually: "4 min" });
    mock.timers.tick(65_000);
  }
  mock.timers.reset();
  const shown = out.written.filter((text) => text.startsWith("\r\x1b[2K  "));
  assert.match(shown.at(-1) ?? "", /pulumi 1 min 05 s of 4 min \| nats-server 1 min 0/);
  for (const line of shown) assert.ok(line.length - "\r\x1b[2K".length < 60, line);
  assert.equal(out.written.at(-1), "\r\x1b[2K");
});

test("a set-up with nothing to do shows nothing", () => {
  for (const isTTY of [true, false]) {
    const out = stream(isTTY);
    showProgress(out)[Symbol.dispose]();
    assert.deepEqual(out.written, []);
  }
});

test("times are short to read", () =>
  assert.deepEqual(
    [0, 59_000, 61_000].map((ms) => elapsed(0, ms)),
    ["0 s", "59 s", "1 min 01 s"],
  ));
