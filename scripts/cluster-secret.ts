// The stack's cluster secret, from which every password is derived. Asks Pulumi for it; keeps and prints it nowhere.

import { UserError } from "../infra/core/errors.ts";
import { askPulumi, pulumiTool } from "./pulumi-tool.ts";
import { projectRoot } from "./toolchain/paths.ts";

const askMs = 20_000;

/** @throws UserError in Pulumi's own words where it cannot be read. */
export async function clusterSecretOf(stack: string, folder: string = projectRoot): Promise<string> {
  const tool = pulumiTool();
  if (tool === null) {
    throw new UserError("Pulumi is needed to read the stack's secret, and a tool is missing", {
      code: "tool-missing",
      hint: "npm start brings it; natsby doctor lists what is missing",
    });
  }
  const { code, stdout, stderr, timedOut } = await askPulumi(
    tool,
    ["config", "get", "clusterSecret", "-s", stack],
    folder,
    askMs,
  );
  const secret = stdout.trim();
  if (code === 0 && secret !== "") return secret;
  const words = timedOut
    ? `no answer within ${askMs / 1_000} s`
    : stderr.trim().replace(/^error: /, "") || `it ended with ${code}`;
  throw new UserError(`the clusterSecret of stack ${stack} cannot be read: ${words}`, {
    code: "no-secret",
    hint: 'eval "$(npx natsby env)" sets what Pulumi needs; natsby init <stack> makes a secret',
  });
}
