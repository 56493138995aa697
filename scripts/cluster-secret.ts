// The stack's cluster secret, from which every password is derived. Asks Pulumi for it; keeps and prints it nowhere.

import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../infra/core/errors.ts";
import { type ClusterSecret, clusterSecretFrom } from "../infra/core/secrets.ts";
import type { Finished } from "../infra/hosts/host.ts";
import { askPulumi, type PulumiTool, pulumiTool } from "./pulumi-tool.ts";
import { configText } from "./stack-config-file.ts";
import { projectRoot } from "./toolchain/paths.ts";

const askMs = 20_000;
/** In an emergency a backend that is away must not be waited for. */
const quickMs = 4_000;

/** @throws UserError in Pulumi's own words where it cannot be read. */
export async function clusterSecretOf(stack: string, folder: string = projectRoot): Promise<ClusterSecret> {
  const tool = toolOrThrow();
  const asked = await Promise.all(
    keysIn(await configText(stack, folder)).map((key) => askFor(key, tool, stack, folder, askMs)),
  );
  return bothIn(asked, stack, askMs);
}

/**
 * The same where the backend may be away: what is encrypted stands in the stack's file, and a passphrase needs no backend.
 * @throws UserError as {@link clusterSecretOf}.
 */
export async function clusterSecretAnyhow(stack: string, folder: string = projectRoot): Promise<ClusterSecret> {
  return bothIn(await secretsAnyhow(keysIn(await configText(stack, folder)), stack, folder), stack, quickMs);
}

/** What Pulumi answers for these keys of the config, where the backend may be away. @throws UserError where there is no Pulumi. */
export async function secretsAnyhow(
  keys: readonly string[],
  stack: string,
  folder: string,
): Promise<readonly Finished[]> {
  const tool = toolOrThrow();
  const asked = await Promise.all(keys.map((key) => askFor(key, tool, stack, folder, quickMs)));
  return asked.every(isSecret) ? asked : ((await askAlone(keys, tool, stack, folder)) ?? asked);
}

/** The previous one is there only while the secret is rotated, and each question takes Pulumi's start. */
const keysIn = (text: string): readonly string[] =>
  /^ *[\w-]*:?clusterSecretPrevious:/m.test(text) ? ["clusterSecret", "clusterSecretPrevious"] : ["clusterSecret"];

function bothIn(answers: readonly Finished[], stack: string, withinMs: number): ClusterSecret {
  const [current = "", previous] = answers.map((answer) => secretIn(answer, stack, withinMs));
  return clusterSecretFrom(current, previous);
}

function toolOrThrow(): PulumiTool {
  const tool = pulumiTool();
  if (tool !== null) return tool;
  throw new UserError("Pulumi is needed to read the stack's secret, and a tool is missing", {
    code: "tool-missing",
    hint: "npm start brings it; natsby doctor lists what is missing",
  });
}

const askFor = (key: string, tool: PulumiTool, stack: string, folder: string, withinMs: number): Promise<Finished> =>
  askPulumi(tool, ["config", "get", key, "-s", stack, "--non-interactive"], folder, withinMs);

/** Pulumi's own CLI on a copy of the config, with a backend of its own for these questions; null where that cannot be made. */
async function askAlone(
  keys: readonly string[],
  tool: PulumiTool,
  stack: string,
  folder: string,
): Promise<readonly Finished[] | null> {
  const aside = await mkdtemp(join(tmpdir(), "natsby-secret-"));
  try {
    await cp(join(folder, "Pulumi.yaml"), join(aside, "Pulumi.yaml"));
    await cp(join(folder, `stacks/Pulumi.${stack}.yaml`), join(aside, `stacks/Pulumi.${stack}.yaml`));
    await mkdir(join(aside, "state"));
    const alone = { ...tool, env: { ...tool.env, PULUMI_BACKEND_URL: `file://${join(aside, "state")}` } };
    const made = await askPulumi(alone, ["stack", "init", stack, "--no-select", "--non-interactive"], aside, askMs);
    if (made.code !== 0) return null;
    return await Promise.all(keys.map((key) => askFor(key, alone, stack, aside, askMs)));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

const isSecret = ({ code, stdout }: Finished): boolean => code === 0 && stdout.trim() !== "";

function secretIn(answer: Finished, stack: string, withinMs: number): string {
  const { code, stdout, stderr, timedOut } = answer;
  if (isSecret(answer)) return stdout.trim();
  const words = timedOut
    ? `no answer within ${withinMs / 1_000} s`
    : stderr.trim().replace(/^error: /, "") || `it ended with ${code}`;
  throw new UserError(`the clusterSecret of stack ${stack} cannot be read: ${words}`, {
    code: "no-secret",
    hint: 'eval "$(npx natsby env)" sets what Pulumi needs; natsby init <stack> makes a secret',
  });
}
