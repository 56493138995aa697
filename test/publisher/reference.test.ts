// The reference publisher against a real server: its rate, its numbers, and what it does when the server goes away.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { countSequence, Listener, PublisherProcess, startPublishersServer } from "../support/publisher.ts";
import { until } from "../support/until.ts";

const program = [join(import.meta.dirname, "../../scripts/run"), "publisher/main"] as const;
const environment = (subjects: readonly string[], rate: number) => ({
  ...{ NATSBY_PUBLISHER: "publisher0", NATSBY_SUBJECTS: JSON.stringify(subjects), NATSBY_RATE: String(rate) },
});

describe("the reference publisher", () => {
  it("sends every number once, 1000 a second on each subject, with stamp and message id", async () => {
    await using server = await startPublishersServer(["test", "md.>"]);
    await using listener = await Listener.at(server);
    await using publisher = new PublisherProcess(server, program, environment(["test", "md.>"], 1_000));
    await until("2000 messages were heard", () => listener.heard.length > 2_000, 10_000);
    const stopped = await publisher.stop();
    assert.equal(stopped.code, 0, publisher.output);
    assert.ok(stopped.ms < 1_000, `it took ${stopped.ms} ms to end`);
    for (const subject of ["test", "md.all"]) {
      const heard = listener.heard.filter((message) => message.subject === subject);
      assert.deepEqual(countSequence(heard.map(({ seq }) => seq)), { repeated: 0, missing: 0 });
      const { payload, id, seq, at } = heard.at(-1) ?? assert.fail(`nothing on ${subject}`);
      assert.deepEqual(Object.keys(payload), ["publisher", "seq", "at"]);
      assert.equal(payload.publisher, "publisher0");
      assert.match(String(payload.at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.equal(id, `${subject}:${seq}`);
      assert.ok(Math.abs(at - seq) < 500, "at 1000 a second the number is the millisecond");
    }
  });

  it("numbers a moment as every other copy does", async () => {
    await using server = await startPublishersServer(["test"]);
    await using listener = await Listener.at(server);
    await using _one = new PublisherProcess(server, program, { ...environment(["test"], 50), NATSBY_PUBLISHER: "one" });
    await using _two = new PublisherProcess(server, program, { ...environment(["test"], 50), NATSBY_PUBLISHER: "two" });
    const pairs = await until("both sent 20 numbers", () => {
      const found = [...Map.groupBy(listener.heard, ({ seq }) => seq).values()].filter((both) => both.length === 2);
      return found.length > 20 && found;
    });
    const apart = pairs.map(([a, b]) => Math.abs((a?.at ?? 0) - (b?.at ?? 0))).toSorted((a, b) => a - b);
    assert.ok((apart[Math.floor(apart.length / 2)] ?? 0) <= 20, `medians apart: ${apart}`);
  });

  it("counts a hole when its server is gone for long, repeats nothing, and bursts nothing old", async () => {
    const port = await (async () => {
      await using server = await startPublishersServer(["test"]);
      return server.ports.client;
    })();
    await using first = await startPublishersServer(["test"], port);
    await using before = await Listener.at(first);
    await using publisher = new PublisherProcess(first, program, environment(["test"], 200));
    await until("something was heard", () => before.heard.length > 50);
    await first.kill();
    await sleep(2_500);
    await using second = await startPublishersServer(["test"], port);
    await using after = await Listener.at(second);
    await until("it is heard again", () => after.heard.length > 200);
    const seqs = [...before.heard, ...after.heard].map(({ seq }) => seq);
    assert.equal(countSequence(seqs).repeated, 0);
    const hole = /hole: (\d+) messages/.exec(publisher.output) ?? assert.fail(publisher.output);
    assert.ok(Number(hole[1]) > 200 && Number(hole[1]) < 600, hole[0]);
    for (const { seq, at } of after.heard) assert.ok(at - seq * 5 < 1_500, "older than what is caught up");
    assert.match(publisher.output, /disconnected: .*\n.*cannot connect to .*nobody listens there.*\n.*connected to/);
    assert.equal((await publisher.stop()).code, 0);
  });

  it("fills a frozen server with about a second of messages, and ends in time all the same", async () => {
    await using server = await startPublishersServer(["test"]);
    await using listener = await Listener.at(server);
    await using publisher = new PublisherProcess(server, program, environment(["test"], 500));
    await until("something was heard", () => listener.heard.length > 50);
    const frozen = Date.now();
    server.signal("SIGSTOP");
    await sleep(3_000);
    server.signal("SIGCONT");
    const thawed = Date.now();
    await until("it is heard again, as it is now", () => (listener.heard.at(-1)?.seq ?? 0) * 2 > thawed + 500);
    assert.equal(countSequence(listener.heard.map(({ seq }) => seq)).repeated, 0);
    const old = listener.heard.filter(({ seq }) => seq * 2 > frozen && seq * 2 < thawed - 1_000);
    assert.ok(old.length < 1.3 * 500, `${old.length} messages were kept for a frozen server`);
    server.signal("SIGSTOP");
    await sleep(100);
    const { code, ms } = await publisher.stop();
    assert.deepEqual([code, ms < 1_000], [0, true], `${ms} ms: ${publisher.output}`);
  });

  it("ends in time where there is no server, and says once what it may not do", async () => {
    await using server = await startPublishersServer(["other"]);
    await using publisher = new PublisherProcess(server, program, environment(["test"], 100));
    await until("it is refused", () => publisher.output.includes("refused: "));
    await server.kill();
    await until("it looks for the server", () => publisher.output.includes("cannot connect"));
    assert.equal(publisher.output.match(/refused: /g)?.length, 1, publisher.output);
    const { code, ms } = await publisher.stop();
    assert.deepEqual([code, ms < 1_000], [0, true]);
  });
});
