// What every driver of the port Host promises, as tests that a driver's own test file runs. They look at a host by its own methods
// and by the programs sh, stat, sleep and cat, which are on every host.

import { after, before, describe } from "node:test";
import type { Host } from "../../../infra/hosts/host.ts";
import { declareFiles } from "./files.ts";
import { declareGuard } from "./guard.ts";
import { declarePrograms } from "./programs.ts";
import type { ContractHost, Subject } from "./subject.ts";

/** Declares the tests. */
export function hostContract(driver: string, start: () => Promise<ContractHost>, skip: string | false = false): void {
  describe(`the driver ${driver}`, { skip }, () => {
    let there: ContractHost;
    let host: Host;
    let last = 0;
    before(async () => {
      there = await start();
      host = there.open();
    });
    after(async () => {
      await host?.[Symbol.asyncDispose]();
      await there?.[Symbol.asyncDispose]();
    });
    const sh: Subject["sh"] = (script, ...args) => host.run(["sh", "-c", script, "sh", ...args], { withinMs: 5_000 });
    const subject = (): Subject => ({
      ...{ host, there, sh },
      own: (name = "a file") => `${there.dataDir}/own${last++}/${name}`,
      modeOf: async (path) => (await sh('stat -c %a "$1"', path)).stdout.trim(),
    });
    declareFiles(subject);
    declareGuard(subject);
    declarePrograms(subject);
  });
}
