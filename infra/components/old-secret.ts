// In a rotation of the secret: whose container goes on with the one before. Another password in its environment would be another
// container, and silence where it is the one that is heard.

import { lastActive } from "../core/history.ts";
import { instanceOf } from "../core/secrets.ts";
import { readApplied } from "../hosts/applied.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { readJournal } from "../hosts/journal.ts";

/** The publisher that is heard, as long as it runs with the secret before; null where there is none, or nobody of that kind. */
export async function keepsOldSecret(hosts: Hosts, previous: string | undefined): Promise<string | null> {
  if (previous === undefined) return null;
  const [journal, applied] = await Promise.all([readJournal(hosts), readApplied(hosts)]);
  const active = lastActive(journal);
  const record = applied.find(({ plan }) => plan.name === active);
  return record?.instance === instanceOf(previous) ? active : null;
}
