// Prints the table of a new cutover, once, after it ran. Reads the journal; changes nothing.

import * as pulumi from "@pulumi/pulumi";
import type { FinishedEntry } from "../core/history.ts";
import { cutoverTable } from "../core/history-table.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { readJournal } from "../hosts/journal.ts";
import type { HotStandby } from "./hot-standby.ts";
import type { Recorded } from "./recorded.ts";

/** Shows what the last cutover did, unless the stack's record has it already. */
export function showCutover(standby: HotStandby, open: () => Promise<Hosts>, recorded: Recorded | null): void {
  if (pulumi.runtime.isDryRun()) return;
  standby.lastCutover.apply(async (line) => {
    if (line === recorded?.lastCutover) return;
    const ticket = Number(/^ticket (\d+)/.exec(line)?.[1]);
    await using hosts = await open();
    const entries = await readJournal(hosts);
    const entry = entries.findLast((one): one is FinishedEntry => one.state === "finished" && one.ticket === ticket);
    if (entry !== undefined) await pulumi.log.info(cutoverTable(entry), standby);
  });
}
