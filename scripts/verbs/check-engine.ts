// Looks at a Docker engine of a stack before its first `pulumi up`: whether it is reached, is new enough, and runs what natsby builds.

import type { Check } from "../../infra/core/host-checks.ts";
import type { EngineAddress } from "../../infra/core/topology.ts";
import { askDocker } from "../../infra/hosts/docker/engine.ts";
import { SshWay } from "../../infra/hosts/docker/ssh-way.ts";

const oldest = [20, 10] as const;
const architectures: Readonly<Record<string, string>> = { amd64: "x64", arm64: "arm64" };

/** @throws UserError code "host-unreachable" */
export async function checkEngine(address: EngineAddress, withinMs: number): Promise<readonly Check[]> {
  await using way = SshWay.to(address, withinMs);
  const engine = { ...address, ...(way !== null && { reachedAt: () => way.url() }) };
  const words = ["version", "--format", "{{.Server.Version}} {{.Server.Arch}}"];
  const [version = "", arch = ""] = (await askDocker(engine, words, { withinMs })).split(" ");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isNew = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  const isLikeHere = (architectures[arch] ?? arch) === process.arch;
  return [
    { name: "reach", ok: true, needed: true, text: `Docker ${version} answers at ${address.url}` },
    ...(isNew ? [] : [missing("version", `wanted is ${oldest.join(".")} or later`, "install a newer Docker there")]),
    ...(isLikeHere
      ? []
      : [
          missing("machine", `${arch}, and natsby's images are for ${process.arch}`, "run natsby on a machine like it"),
        ]),
  ];
}

const missing = (name: string, text: string, mend: string): Check => ({ name, ok: false, needed: true, text, mend });
