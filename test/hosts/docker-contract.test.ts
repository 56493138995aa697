// The driver docker keeps the contract of every driver, on a real engine.

import { dockerHost } from "../../infra/hosts/docker.ts";
import { buildServerImageWithShell, noShell } from "../support/docker-images.ts";
import { noEngine, startEngine } from "../support/engine.ts";
import { temporary } from "../support/temporary.ts";
import { hostContract } from "./contract/host-contract.ts";
import type { ContractHost } from "./contract/subject.ts";

async function onOwnEngine(): Promise<ContractHost> {
  const engine = await startEngine();
  using folder = temporary("images");
  const image = await buildServerImageWithShell(engine, folder.path);
  await engine.docker(["network", "create", "natsby"]);
  const files = ["--network=natsby", "--volume=files:/natsby"];
  await engine.docker(["run", "--detach", "--name=keeper", "--init", ...files, image]);
  const dataDir = "/natsby/data dir";
  return {
    dataDir,
    open: () => dockerHost({ name: "host0", url: engine.url, dataDir, keeper: "keeper", makes: true }),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

hostContract("docker", onOwnEngine, noEngine() ?? noShell() ?? false);
