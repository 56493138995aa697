// The example of a user's own publisher, in Python, against a real server: it keeps the promises of the reference publisher.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { countSequence, Listener, PublisherProcess, startPublishersServer } from "../support/publisher.ts";
import { until } from "../support/until.ts";

const example = join(import.meta.dirname, "../../examples/python/publisher.py");

describe("the example in Python", () => {
  it("sends every number once, and ends when it is asked to", async () => {
    await using server = await startPublishersServer(["test"]);
    await using listener = await Listener.at(server);
    await using publisher = new PublisherProcess(server, ["python3", example, "test", "200"]);
    await until("200 messages were heard", () => listener.heard.length > 200, 10_000);
    assert.equal((await publisher.stop()).code, 0, publisher.output);
    assert.deepEqual(countSequence(listener.heard.map(({ seq }) => seq)), { repeated: 0, missing: 0 });
    const { seq, id, at } = listener.heard.at(-1) ?? assert.fail("nothing was heard");
    assert.equal(id, `test:${seq}`);
    assert.ok(Math.abs(at - seq * 5) < 500);
  });

  it("comes back after its server, repeats nothing, and bursts nothing old", async () => {
    await using first = await startPublishersServer(["test"]);
    await using before = await Listener.at(first);
    await using publisher = new PublisherProcess(first, ["python3", example, "test", "100"]);
    await until("something was heard", () => before.heard.length > 20, 10_000);
    await first.kill();
    await sleep(2_000);
    await using second = await startPublishersServer(["test"], first.ports.client);
    await using after = await Listener.at(second);
    await until("it is heard again", () => after.heard.length > 100);
    assert.equal(countSequence([...before.heard, ...after.heard].map(({ seq }) => seq)).repeated, 0);
    for (const { seq, at } of after.heard) assert.ok(at - seq * 10 < 1_500);
    assert.match(publisher.output, /^disconnected: (the server hung up|.*(reset|[Bb]roken pipe))/m);
  });

  it("keeps no minutes of messages for a frozen server", async () => {
    await using server = await startPublishersServer(["test"]);
    await using listener = await Listener.at(server);
    await using publisher = new PublisherProcess(server, ["python3", example, "test", "100"]);
    await until("something was heard", () => listener.heard.length > 20, 10_000);
    const frozen = Date.now();
    server.signal("SIGSTOP");
    await sleep(4_000);
    server.signal("SIGCONT");
    const thawed = Date.now();
    await until("it is heard again, as it is now", () => (listener.heard.at(-1)?.seq ?? 0) * 10 > thawed + 300);
    assert.equal(countSequence(listener.heard.map(({ seq }) => seq)).repeated, 0, publisher.output);
    const old = listener.heard.filter(({ seq }) => seq * 10 > frozen && seq * 10 < thawed - 1_000);
    assert.ok(old.length < 170, `${old.length} messages were kept for a frozen server`);
  });

  it("says what a server does not allow", async () => {
    await using server = await startPublishersServer(["other"]);
    await using publisher = new PublisherProcess(server, ["python3", example]);
    await until("it says so", () => publisher.output.includes("Permissions Violation"));
  });
});
