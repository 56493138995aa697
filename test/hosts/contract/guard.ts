// The contract of the port Host: the guard and the locks.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Claim, stagedPath } from "../../../infra/hosts/host.ts";
import { odd } from "./odd-text.ts";
import type { Subject } from "./subject.ts";

const claimOf = (ticket: number, over: Partial<Claim> = {}): Claim => ({ epoch: 0, ticket, fenced: [], ...over });
const superseded = { name: "UserError", code: "superseded", exitCode: 7 } as const;

export function declareGuard(subject: () => Subject): void {
  describe("the guard", () => {
    let epoch = 0;
    /** Above everything that tests before it claimed. */
    const begin = async (): Promise<(ticket: number, over?: Partial<Claim>) => Claim> => {
      epoch += 10;
      const base = (await subject().host.guard()).ticket;
      return (ticket, over = {}) => claimOf(base + ticket, { ...over, epoch: epoch + (over.epoch ?? 0) });
    };

    it("is read back, also by another run; before the first claim there is none", async () => {
      const { host, there } = subject();
      assert.deepEqual(await host.guard(), claimOf(0));
      const claim = (await begin())(1, { fenced: ["publisher0"] });
      await host.claim(claim);
      await using other = there.open();
      assert.deepEqual(await other.guard(), claim);
    });

    it("of several runs at once with one ticket only one gets it", async () => {
      const { there } = subject();
      const claim = (await begin())(1);
      const runs = Array.from({ length: 4 }, () => there.open());
      const ended = await Promise.allSettled(runs.map((run) => run.claim(claim)));
      assert.equal(ended.filter(({ status }) => status === "fulfilled").length, 1);
      for (const run of runs) await run[Symbol.asyncDispose]();
    });

    it("is never gone back behind: neither its epoch, nor who is fenced in it", async () => {
      const { host } = subject();
      const of = await begin();
      await host.claim(of(5));
      for (const late of [of(5), of(6, { epoch: -1 }), of(6, { fenced: ["publisher0"] })]) {
        await assert.rejects(host.claim(late), superseded);
      }
      assert.deepEqual(await host.guard(), of(5));
    });

    it("that is broken is refused, and left for a person to look at", async () => {
      const { host, there } = subject();
      const path = `${there.dataDir}/guard.json`;
      const before = (await host.read(path)) ?? "";
      for (const broken of ["{", ""]) {
        await host.write(path, broken, 0o600);
        await assert.rejects(host.claim(claimOf(99, { epoch: 999 })), { code: "guard-broken", exitCode: 3 });
        assert.equal(await host.read(path), broken);
      }
      await host.write(path, before, 0o600);
      await host.claim((await begin())(1));
    });

    it("lets nothing be written before it is committed, and leaves nothing beside it", async () => {
      const { host, own, modeOf } = subject();
      const [of, path] = [await begin(), own()];
      await host.write(path, "old", 0o600);
      await host.claim(of(1));
      await host.stage(path, odd, 0o600, of(1));
      assert.deepEqual([await host.read(path), await modeOf(stagedPath(path, of(1)))], ["old", "600"]);
      await host.commit(path, of(1));
      assert.equal(await host.read(path), odd);
      assert.equal((await host.list(path.slice(0, path.lastIndexOf("/")))).length, 1);
    });

    for (const [what, over] of [
      ["ticket", {}],
      ["epoch", { epoch: 1 }],
      ["fenced list", { epoch: 1, fenced: ["p"] }],
    ] as const) {
      it(`refuses a write once another run came with a newer ${what}`, async () => {
        const { host, there, own } = subject();
        const [of, path] = [await begin(), own()];
        await host.write(path, "old", 0o600);
        await host.claim(of(1));
        await host.stage(path, "mine", 0o600, of(1));
        await using newer = there.open();
        await newer.claim(of(2, over));
        await newer.stage(path, "newer", 0o600, of(2, over));
        await assert.rejects(host.commit(path, of(1)), superseded);
        await assert.rejects(
          host.guarded(of(1), async () => assert.fail("it was done")),
          superseded,
        );
        assert.equal(await host.read(path), "old");
        await newer.commit(path, of(2, over));
        assert.equal(await host.read(path), "newer");
      });
    }

    it("holds everybody else off while something is done under it, and lets the host be asked meanwhile", async () => {
      const { host, there, own } = subject();
      const of = await begin();
      await host.claim(of(1));
      await using other = there.open();
      await other.guard();
      let claimed = false;
      let meanwhile: Promise<unknown> = Promise.resolve();
      const done = await host.guarded(of(1), async () => {
        meanwhile = other.claim(of(2)).then(() => (claimed = true));
        await host.write(own(), "asked", 0o600);
        await sleep(300);
        assert.equal(claimed, false);
        return "done";
      });
      assert.equal(done, "done");
      await meanwhile;
      assert.equal(claimed, true);
    });

    it("is free again where what was done under it failed", async () => {
      const { host } = subject();
      const of = await begin();
      await host.claim(of(1));
      await assert.rejects(
        host.guarded(of(1), async () => Promise.reject(new Error("no"))),
        /^Error: no$/,
      );
      await host.claim(of(2));
    });

    it("tidies what older runs staged, and nothing else", async () => {
      const { host, own } = subject();
      const [of, path] = [await begin(), own()];
      const folder = path.slice(0, path.lastIndexOf("/"));
      await host.write(path, "kept", 0o600);
      for (const ticket of [1, 2, 3]) await host.stage(path, "staged", 0o600, of(ticket));
      await host.tidy(folder, of(2));
      assert.deepEqual([...(await host.list(folder))].sort(), ["a file", `a file.${of(3).ticket}.next`]);
    });
  });

  it("one at a time is in turn: the next one waits, and is refused when it waited too long", async () => {
    const { host, there } = subject();
    await using other = there.open();
    await other.list("/");
    const order: string[] = [];
    const lock = `${there.dataDir}/turn`;
    await host.inTurn(lock, 5_000, async () => {
      await assert.rejects(
        other.inTurn(lock, 1_000, async () => order.push("too early")),
        { code: "locked", exitCode: 7 },
      );
      order.push("first");
    });
    await other.inTurn(lock, 5_000, async () => order.push("second"));
    assert.deepEqual(order, ["first", "second"]);
  });
}
