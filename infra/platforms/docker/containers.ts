// What each container of a stack is: no rights, nothing to write, its own folder alone, back after every crash and reboot. Everything is set:
// what is left out of a container's arguments is not seen as a change, so a label says all of it.

import { createHash } from "node:crypto";
import type { ContainerArgs, Network, RemoteImage, Volume } from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type containerNames, processLabel, specLabel } from "../../core/containers.ts";
import { fileNames, folderOf, natsServerInImage } from "../../core/layout.ts";
import type { PublisherPlan, ServerPlan } from "../../core/plan.ts";

/** What containers are made of on one engine. */
export interface EngineParts {
  readonly names: ReturnType<typeof containerNames>;
  readonly dataDir: string;
  /** In which dummies reach upstreams. */
  readonly network: Network;
  /** Between a publisher and its dummy. */
  networkOf(publisher: string): Network;
  /** The image of one server's container. */
  serverImage(name: string): RemoteImage;
  /** The reference publisher's, for one publisher's container. */
  publisherImage(name: string): RemoteImage;
  /** The folder of one server or publisher. */
  folderOf(name: string): Volume;
}

/** A server that dies or reboots may take this long; one that is told to end hands over first. */
const graceSeconds = 10;
const megabytes = { keeper: 64, server: 512, publisher: 512 };
const user = "1000:1000";
const loopback = "127.0.0.1";

/** The container that holds the files: all of them, and no network. */
export function keeperArgs(
  { names, dataDir }: Pick<EngineParts, "names" | "dataDir">,
  image: RemoteImage,
  files: Volume,
): ContainerArgs {
  return common(names.keeper, {
    image: image.imageId,
    command: ["/natsby-helper", "wait"],
    workingDir: dataDir,
    ...memory(megabytes.keeper),
    mounts: [{ type: "volume", source: files.name, target: dataDir, readOnly: false }],
    ports: [],
    envs: [],
    networks: [],
    labels: {},
  });
}

/** The container of a nats-server. A dummy is in two networks: it alone leads from its publisher to the upstreams. */
export function serverArgs(plan: ServerPlan, on: EngineParts): ContainerArgs {
  const { clientPort, name, publisher } = plan;
  return {
    ...common(on.names.of(name), {
      image: on.serverImage(name).imageId,
      command: [natsServerInImage, "-c", fileNames.base],
      workingDir: folderOf(plan.dataDir, name),
      ...memory(megabytes.server),
      mounts: [ownFolder(plan, on)],
      ports: portsOf(plan),
      envs: [],
      networks: [
        { network: on.network, alias: name },
        ...(publisher === null ? [] : [{ network: on.networkOf(publisher), alias: name }]),
      ],
      labels: labelsOf(plan),
    }),
    healthcheck: {
      tests: ["CMD", "/natsby-helper", "health", "127.0.0.1", String(clientPort)],
      ...{ interval: "2s", timeout: "3s", retries: 5, startPeriod: "1s" },
    },
    wait: true,
    waitTimeout: 60,
  };
}

/** The container of a publisher: nothing but its dummy is in its network. @param variables what it connects with: secret */
export function publisherArgs(
  plan: PublisherPlan,
  on: EngineParts,
  variables: pulumi.Output<Record<string, string>>,
): ContainerArgs {
  const reference = ["/node", "/natsby-app/scripts/publisher/main.ts"];
  const command = plan.command ?? (plan.image === undefined ? reference : undefined);
  return common(on.names.of(plan.name), {
    image: plan.image ?? on.publisherImage(plan.name).imageId,
    ...(command && { command: [...command] }),
    ...memory(megabytes.publisher),
    mounts: [ownFolder(plan, on)],
    ports: [],
    envs: pulumi.secret(variables.apply((all) => Object.entries(all).map(([name, value]) => `${name}=${value}`))),
    networks: [{ network: on.networkOf(plan.name), alias: plan.name }],
    labels: labelsOf(plan),
  });
}

/** What other engines need to reach at the address of this one's host, the rest on its loopback. */
function portsOf({ clientPort, clusterPort, monitorPort, published = loopback }: ServerPlan) {
  const at = (ip: string, port: number | null) =>
    port === null ? [] : [{ internal: port, external: port, ip, protocol: "tcp" }];
  const cluster = published === loopback ? [] : at(published, clusterPort);
  return [...at(published, clientPort), ...cluster, ...at(loopback, monitorPort)];
}

type Plan = Pick<ServerPlan | PublisherPlan, "name" | "dataDir">;

const ownFolder = ({ name, dataDir }: Plan, on: EngineParts) => ({
  type: "volume",
  source: on.folderOf(name).name,
  target: folderOf(dataDir, name),
  readOnly: true,
});

const labelsOf = ({ name, dataDir }: Plan) => ({ [processLabel]: folderOf(dataDir, name) });

/** The engine fails where only one of the two is set. */
const memory = (limit: number) => ({ memory: limit, memorySwap: limit });

interface Own extends Omit<ContainerArgs, "labels"> {
  readonly envs: pulumi.Input<string[]>;
  readonly networks: readonly { readonly network: Network; readonly alias: string }[];
  readonly labels: Readonly<Record<string, string>>;
}

function common(name: string, { networks, labels, ...own }: Own): ContainerArgs {
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
    .update(JSON.stringify([always, plain, networks.map(({ alias }) => alias)]))
    .digest("hex")
    .slice(0, 16);
  const all = Object.entries({ ...labels, [specLabel]: spec }).toSorted();
  return {
    ...always,
    ...own,
    ...(networks.length === 0 ? { networkMode: "none" } : {}),
    networksAdvanced: networks.map(({ network, alias }) => ({ name: network.name, aliases: [alias] })),
    labels: all.map(([label, value]) => ({ label, value })),
  };
}
