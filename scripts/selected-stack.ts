// The stack that `pulumi stack select` chose in this folder. Reads Pulumi's own note of it, which takes no time; else asks Pulumi.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { askPulumi, type PulumiTool, pulumiTool } from "./pulumi-tool.ts";

const askMs = 10_000;

/** Null where none is selected, or where there is no Pulumi to ask. */
export async function selectedStack(project: string, folder: string): Promise<string | null> {
  const tool = pulumiTool();
  if (tool === null) return null;
  return (await notedStack(tool, project, folder)) ?? (await toldStack(tool, folder));
}

/** `<PULUMI_HOME>/workspaces/<project>-<sha1 of Pulumi.yaml's path>-workspace.json`: a stack for each backend. */
async function notedStack({ home, env }: PulumiTool, project: string, folder: string): Promise<string | null> {
  const hash = createHash("sha1").update(join(folder, "Pulumi.yaml")).digest("hex");
  try {
    const text = await readFile(join(home, "workspaces", `${project}-${hash}-workspace.json`), "utf8");
    const { stacks } = JSON.parse(text) as { stacks?: Record<string, unknown> };
    const found = stacks?.[env.PULUMI_BACKEND_URL ?? ""];
    return typeof found === "string" ? found : null;
  } catch {
    return null;
  }
}

async function toldStack(tool: PulumiTool, folder: string): Promise<string | null> {
  const { code, stdout } = await askPulumi(tool, ["stack", "--show-name", "--non-interactive"], folder, askMs);
  return code === 0 ? stdout.trim() || null : null;
}
