// A Pulumi program that makes one small server on a Docker engine, as docker.json beside it says; a test copies it as its
// `infra/index.ts`.

import { readFileSync } from "node:fs";
import { Container, type ContainerArgs, Network, Provider, RemoteImage, Volume } from "@pulumi/docker";

/** What the test says of it. */
export interface DockerSpec {
  /** As DOCKER_HOST wants it. */
  readonly engine: string;
  /** Folder with a Dockerfile. */
  readonly context: string;
  /** Another one builds the image anew. */
  readonly build: string;
  readonly container: Omit<ContainerArgs, "image">;
}

const { engine, context, build, container }: DockerSpec = JSON.parse(readFileSync("docker.json", "utf8"));
const on = { provider: new Provider("engine", { host: engine }) };
const image = new RemoteImage(
  "image",
  { name: "small:1", build: { context, useLegacyBuilder: true }, triggers: { build }, keepLocally: true },
  on,
);
const network = new Network("network", { name: "small" }, on);
const volume = new Volume("volume", { name: "small" }, on);
const server = new Container(
  "server",
  {
    ...container,
    image: image.imageId,
    networksAdvanced: [{ name: network.name, aliases: ["small"] }],
    mounts: [{ type: "volume", source: volume.name, target: "/data" }],
  },
  on,
);

/** The container's id: another one after a replacement. */
export const id = server.id;
