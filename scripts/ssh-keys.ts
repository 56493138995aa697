// The private keys that natsby logs in to a stack's hosts with. Asks Pulumi for them, once; keeps them in memory and prints them nowhere.

import { UserError } from "../infra/core/errors.ts";
import { type HostKeys, hostKeysIn } from "../infra/hosts/stack-hosts.ts";
import { secretsAnyhow } from "./cluster-secret.ts";
import { configText } from "./stack-config-file.ts";
import { projectRoot } from "./toolchain/paths.ts";

const asked = new Map<string, Promise<HostKeys>>();

/** None where the config has none: then an agent's are used. @throws UserError where they cannot be read. */
export function sshKeysOf(stack: string, folder: string = projectRoot): Promise<HostKeys> {
  const key = `${folder} ${stack}`;
  const keys = asked.get(key) ?? ask(stack, folder);
  asked.set(key, keys);
  return keys;
}

async function ask(stack: string, folder: string): Promise<HostKeys> {
  if (!/^ *[\w-]*:?sshPrivateKeys:/m.test(await configText(stack, folder))) return {};
  const [answer] = await secretsAnyhow(["sshPrivateKeys"], stack, folder);
  if (answer?.code === 0) return hostKeysIn(answer.stdout);
  const why = answer?.stderr.trim().replace(/^error: /, "") || "no answer in time";
  throw new UserError(`the sshPrivateKeys of stack ${stack} cannot be read: ${why}`, {
    code: "no-secret",
    hint: 'eval "$(npx natsby env)" sets what Pulumi needs',
  });
}
