// The files that a stack's config stands in. Reads them; knows nothing of what they mean.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, UserError } from "../infra/core/errors.ts";
import { readText } from "../infra/hosts/text-file.ts";
import { projectRoot } from "./toolchain/paths.ts";

/** The `name` of Pulumi.yaml: a renamed project's config keys carry its own name. */
export async function projectName(folder: string): Promise<string> {
  const path = join(folder, "Pulumi.yaml");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new UserError(`${path} cannot be read: ${messageOf(cause)}`, { code: "no-stack", cause });
  });
  const name = /^name:\s*(?:"([^"]+)"|'([^']+)'|([^\s#]+))/m.exec(text);
  const found = name?.[1] ?? name?.[2] ?? name?.[3];
  if (found === undefined) throw new UserError(`${path} has no name`, { code: "no-stack" });
  return found;
}

/** The text of a stack's config file. @throws UserError where there is none. */
export async function configText(stack: string, folder: string): Promise<string> {
  const path = configPath(stack, folder);
  const text = stack.includes("/") ? null : await readText(path);
  if (text !== null) return text;
  throw new UserError(`there is no stack ${JSON.stringify(stack)}: no file stacks/Pulumi.${stack}.yaml`, {
    code: "no-stack",
    hint: stack === "local" ? "npm start makes it, and starts it" : "pulumi stack ls lists what there is; -s names one",
  });
}

/** Where a stack's config file lies. */
export const configPath = (stack: string, folder: string = projectRoot): string =>
  join(folder, "stacks", `Pulumi.${stack}.yaml`);
