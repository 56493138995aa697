// The runtime options of Pulumi.yaml that this host knows.

import type languagePb from "@pulumi/pulumi/proto/language_pb.js";

/** How a program wants to be run. */
interface Options {
  /** Let Pulumi's runner compile TypeScript, instead of Node's own type stripping. @default true, as Pulumi has it */
  readonly typescript: boolean;
  /** More arguments for Node. @default none */
  readonly nodeargs: readonly string[];
}

/** Reads `runtime: options:`. */
export function optionsOf(info: InstanceType<typeof languagePb.ProgramInfo> | undefined): Options {
  const { typescript = true, nodeargs = "" } = (info?.getOptions()?.toJavaScript() ?? {}) as Record<string, unknown>;
  return { typescript: typescript !== false, nodeargs: String(nodeargs).split(/\s+/).filter(Boolean) };
}
