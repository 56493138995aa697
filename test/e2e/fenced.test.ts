// The real CLI around a host that was given up, a publisher that is held back, a risk accepted once, and a checkout that lies behind.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { patient, publishersAt } from "../support/project.ts";
import { until } from "../support/until.ts";
import { watchedProject } from "../support/watched-project.ts";

const watched = watchedProject({ config: { ...patient, publishers: publishersAt(200, 3) } });
const { project } = watched;

const git = (...words: readonly string[]) => execFileSync("git", words, { cwd: project.path, encoding: "utf8" }).trim();

test("the active publisher's host is given up, frozen: fenced, its resources as they are, nothing waits for it", async () => {
  watched.signal("SIGSTOP", "dummy-nats0");
  const running = project.processes();
  project.configure({ fenced: ["publisher0"], epoch: 1, activePublisher: "publisher1" });
  const { output } = await endsWith(0, project.up());
  assert.match(output, /fence .* dummy-nats0 fenced at server0, server1: last link gone/);
  await watched.hears("publisher1");
  assert.deepEqual(project.processes(), running, "nothing of it was touched");
  await watched.noChange();
  const { verdict, publishers } = await project.status();
  assert.deepEqual([verdict, publishers[0]?.role], ["ok", "fenced"]);
});

const [first, ...others] = publishersAt(200, 3);
const changed = [{ ...first, environment: { LEVEL: "debug" } }, ...others];

test("a change that is meant for it too passes it by", async () => {
  project.configure({ publishers: changed });
  const { stdout } = await endsWith(0, project.pulumi(["preview"]));
  assert.doesNotMatch(stdout, /publisher0-process|dummy-nats0-server/);
  project.configure({ publishers: [first, ...others] });
});

test("it is back: said, drift, and nothing is planned; taken back, it stands by", async () => {
  watched.signal("SIGCONT", "dummy-nats0");
  await until("status says so", async () => {
    const { problems } = await project.status();
    return problems.map(({ code, about }) => `${code} ${about}`).join() === "fenced-back publisher0";
  });
  assert.equal((await project.natsby(["status"])).code, 2);
  await watched.noChange();
  await watched.hears("publisher1");
  project.configure({ fenced: [], epoch: 2, publishers: changed });
  const { output } = await endsWith(0, project.up());
  assert.match(output, /publisher0-process/, "what it missed is brought now");
  await watched.hears("publisher1");
  await until("all is well", async () => (await project.status()).verdict === "ok", 30_000);
  await watched.noChange();
});

test("a publisher that is held back keeps what it runs, the active one too; the run without brings the rest", async () => {
  const all = publishersAt(200, 3).map((one) => ({ ...one, environment: { LEVEL: "info" } }));
  project.configure({ publishers: all });
  const refused = await project.up();
  assert.match(refused.output, /natsby exit 3: this change restarts publisher1, which is heard now/);
  const before = project.processes();
  await endsWith(0, project.pulumi(["up", "--yes", "--skip-preview"], { env: { NATSBY_HOLD: "publisher1" } }));
  const between = project.processes();
  const restarted = (now: typeof before, then: typeof before) =>
    [...now.keys()].filter((name) => now.get(name)?.pid !== then.get(name)?.pid).toSorted();
  assert.deepEqual(restarted(between, before), ["publisher0", "publisher2"]);
  project.configure({ activePublisher: "publisher2" });
  await endsWith(0, project.pulumi(["up", "--yes", "--skip-preview"], { env: { NATSBY_HOLD: "publisher1" } }));
  await watched.hears("publisher2");
  await endsWith(0, project.up());
  assert.deepEqual(restarted(project.processes(), between), ["publisher1"]);
  await watched.noChange();
  const misnamed = await project.pulumi(["preview"], { env: { NATSBY_HOLD: "publisher9" } });
  assert.match(misnamed.output, /natsby exit 3: NATSBY_HOLD names publisher9, which is no publisher of stack local/);
});

test("a risk is accepted for the one run, and is no change of the stack, neither before nor after it", async () => {
  project.configure({ once: { flag: "accept-silent", reason: "a rehearsal", ticket: nextTicket() } });
  await watched.noChange();
  project.configure({ activePublisher: "publisher0" });
  assert.match((await endsWith(0, project.up())).output, /accept-silent was accepted for this run: a rehearsal/);
  const said = /once: accept-silent was accepted for ticket \d+, the next is \d+: ignored/;
  assert.match((await watched.noChange()).output, said);
  project.configure({ activePublisher: "publisher1" });
  assert.doesNotMatch((await endsWith(0, project.up())).output, /accepted for this run/);
  project.configure({ once: undefined });
  await watched.noChange();
  await watched.hears("publisher1");
});

test("a checkout that lies behind what was deployed is refused, unless that is accepted for one run", async () => {
  const behind = git("rev-parse", "HEAD");
  git("commit", "--quiet", "--allow-empty", "--message", "a flip");
  const ahead = git("rev-parse", "HEAD");
  project.configure({ activePublisher: "publisher0" });
  await endsWith(0, project.up());
  git("checkout", "--quiet", "--detach", behind);
  for (const words of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    const { code, output } = await project.pulumi(words);
    assert.notEqual(code, 0);
    assert.match(
      output,
      new RegExp(`natsby exit 3: this checkout \\(${behind.slice(0, 12)}\\) lies behind .*${ahead.slice(0, 12)}`),
    );
  }
  project.configure({
    once: { flag: "accept-stale", reason: "a rehearsal", ticket: nextTicket() },
    activePublisher: "publisher1",
  });
  await endsWith(0, project.up());
  project.configure({ once: undefined });
  await watched.noChange();
  git("checkout", "--quiet", "--detach", ahead);
  await watched.noChange();
  await watched.hears("publisher1");
});

/** As the guard on the host has it: no run is under way. */
function nextTicket(): number {
  const path = join(project.dataDir, "guard.json");
  return JSON.parse(readFileSync(path, "utf8")).ticket + 1;
}
