// What each container of a stack is: no rights, nothing to write but the stack's volume, back after every crash and reboot. Everything is set:
// what is left out of a container's arguments is not seen as a change, so a label says all of it.

import { createHash } from "node:crypto";
import type { Container, ContainerArgs, Network, RemoteImage, Volume } from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type containerNames, processLabel, specLabel } from "../../core/containers.ts";
import { fileNames, folderOf, natsServerInImage } from "../../core/layout.ts";
import type { PublisherPlan, ServerPlan } from "../../core/plan.ts";

/** What all containers of a stack share. */
export interface Shared {
  readonly names: ReturnType<typeof containerNames>;
  readonly dataDir: string;
  readonly network: Network;
  readonly volume: Volume;
  readonly server: RemoteImage;
  /** The reference publisher's. */
  readonly publisher: RemoteImage;
  readonly keeper: Container;
}

/** A server that dies or reboots may take this long; one that is told to end hands over first. */
const graceSeconds = 10;
const megabytes = { keeper: 64, server: 512, publisher: 512 };
const user = "1000:1000";

/** The container that holds the files. */
export function keeperArgs(shared: Omit<Shared, "keeper">): ContainerArgs {
  return common(shared, shared.names.keeper, {
    image: shared.server.imageId,
    command: ["/natsby-helper", "wait"],
    workingDir: shared.dataDir,
    ...memory(megabytes.keeper),
    mounts: [{ type: "volume", source: shared.volume.name, target: shared.dataDir, readOnly: false }],
    ports: [],
    envs: [],
    aliases: [],
    labels: {},
  });
}

/** The container of a nats-server. */
export function serverArgs(plan: ServerPlan, shared: Shared): ContainerArgs {
  const ports = [plan.clientPort, ...(plan.monitorPort === null ? [] : [plan.monitorPort])];
  const health = ["CMD", "/natsby-helper", "health", plan.name, String(plan.clientPort)];
  return {
    ...common(shared, shared.names.of(plan.name), {
      image: shared.server.imageId,
      command: [natsServerInImage, "-c", fileNames.base],
      workingDir: folderOf(plan.dataDir, plan.name),
      ...memory(megabytes.server),
      mounts: [{ type: "volume", source: shared.volume.name, target: plan.dataDir, readOnly: true }],
      // On the loopback of the engine's host alone.
      ports: ports.map((port) => ({ internal: port, external: port, ip: "127.0.0.1", protocol: "tcp" })),
      envs: [],
      aliases: [plan.name],
      labels: { [processLabel]: `${plan.dataDir}/${plan.name}` },
    }),
    healthcheck: { tests: health, interval: "2s", timeout: "3s", retries: 5, startPeriod: "1s" },
    wait: true,
    waitTimeout: 60,
  };
}

/** The container of a publisher. @param variables what it connects with: secret */
export function publisherArgs(
  plan: PublisherPlan,
  shared: Shared,
  variables: pulumi.Output<Record<string, string>>,
): ContainerArgs {
  const reference = ["/node", "/natsby-app/scripts/publisher/main.ts"];
  const command = plan.command ?? (plan.image === undefined ? reference : undefined);
  return common(shared, shared.names.of(plan.name), {
    image: plan.image ?? shared.publisher.imageId,
    ...(command && { command: [...command] }),
    ...memory(megabytes.publisher),
    mounts: [{ type: "volume", source: shared.volume.name, target: plan.dataDir, readOnly: true }],
    ports: [],
    envs: pulumi.secret(variables.apply((all) => Object.entries(all).map(([name, value]) => `${name}=${value}`))),
    aliases: [plan.name],
    labels: { [processLabel]: `${plan.dataDir}/${plan.name}` },
  });
}

/** The engine fails where only one of the two is set. */
const memory = (limit: number) => ({ memory: limit, memorySwap: limit });

interface Own extends ContainerArgs {
  readonly envs: pulumi.Input<string[]>;
}

function common(
  { network }: Pick<Shared, "network">,
  name: string,
  { aliases, labels, ...own }: Omit<Own, "labels"> & { aliases: string[]; labels: Record<string, string> },
): ContainerArgs {
  const always = {
    name,
    user,
    restart: "always",
    stopSignal: "SIGTERM",
    destroyGraceSeconds: graceSeconds,
    readOnly: true,
    init: false,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges"],
    logOpts: { "max-size": "4m", "max-file": "3" },
    logDriver: "json-file",
  };
  const { envs: _, image: __, mounts: ___, ...plain } = own;
  const spec = createHash("sha256")
    .update(JSON.stringify([always, plain, aliases]))
    .digest("hex")
    .slice(0, 16);
  const all = Object.entries({ ...labels, [specLabel]: spec }).toSorted();
  return {
    ...always,
    ...own,
    networksAdvanced: [{ name: network.name, aliases }],
    labels: all.map(([label, value]) => ({ label, value })),
  };
}
