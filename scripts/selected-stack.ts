// The stack that `pulumi stack select` chose in this folder. Reads Pulumi's own note of it, which takes no time; else asks Pulumi.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PulumiTool } from "./pulumi-tool.ts";

const askMs = 10_000;

/** Null where none is selected, or where there is no Pulumi to ask. */
export async function selectedStack(project: string, folder: string): Promise<string | null> {
  const { PULUMI_HOME, PULUMI_BACKEND_URL } = process.env;
  // In a shell after `natsby env` all is named: nobody has to look for tools.
  const here =
    PULUMI_HOME && PULUMI_BACKEND_URL && (await notedStack(PULUMI_HOME, PULUMI_BACKEND_URL, project, folder));
  if (here) return here;
  const { askPulumi, pulumiTool } = await import("./pulumi-tool.ts");
  const tool = pulumiTool();
  if (tool === null) return null;
  const noted = await notedStack(tool.home, tool.env.PULUMI_BACKEND_URL ?? "", project, folder);
  return noted ?? (await toldStack(tool, folder, askPulumi));
}

/** `<PULUMI_HOME>/workspaces/<project>-<sha1 of Pulumi.yaml's path>-workspace.json`: a stack for each backend. */
async function notedStack(home: string, backend: string, project: string, folder: string): Promise<string | null> {
  const hash = createHash("sha1").update(join(folder, "Pulumi.yaml")).digest("hex");
  try {
    const text = await readFile(join(home, "workspaces", `${project}-${hash}-workspace.json`), "utf8");
    const { stacks } = JSON.parse(text) as { stacks?: Record<string, unknown> };
    const found = stacks?.[backend];
    return typeof found === "string" ? found : null;
  } catch {
    return null;
  }
}

async function toldStack(
  tool: PulumiTool,
  folder: string,
  ask: typeof import("./pulumi-tool.ts").askPulumi,
): Promise<string | null> {
  const { code, stdout } = await ask(tool, ["stack", "--show-name", "--non-interactive"], folder, askMs);
  return code === 0 ? stdout.trim() || null : null;
}
