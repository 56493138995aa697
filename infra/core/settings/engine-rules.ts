// On which Docker engine everything is, and that engines can reach each other's upstreams.

import { sshPlaceOf } from "../engine-ssh.ts";
import type { StackConfig } from "../stack-config.ts";
import type { Draft } from "./keys.ts";
import { type Problem, pathOf, shown } from "./problem.ts";

type Hosts = Exclude<Draft["hosts"], undefined>;
type Placed = { readonly host?: string | undefined };

/** Every broken rule about engines of the platform `docker`. */
export function engineProblems(draft: Draft, { values }: StackConfig): readonly Problem[] {
  const { platform, hosts, upstreams = [], publishers = [], dataDir } = draft;
  if (platform !== "docker") return [];
  const image = draft.natsServer?.image;
  return [
    ...(values.hosts === undefined ? [{ path: "hosts", text: missing }] : wrongEngines(hosts ?? {})),
    ...placed("upstreams", upstreams, hosts),
    ...placed("publishers", publishers, hosts),
    ...unreached(upstreams, hosts),
    ...(dataDir === undefined || dataDir === "/natsby" ? [] : [{ path: "dataDir", text: folder }]),
    ...imagesOfCommands(publishers),
    ...(image === undefined || byDigest.test(image)
      ? []
      : [{ path: "natsServer.image", text: `${shown(image)} ${tag}` }]),
  ];
}

const folder = "is /natsby on the platform docker, in every container: take it away";

const byDigest = /@sha256:[0-9a-f]{64}$/;
const tag =
  "is not an image by its digest, and a tag may be another image tomorrow: write it as in nats@sha256:…, which docker inspect --format '{{.RepoDigests}}' shows";

const missing = "is missing: pulumi config set --path hosts.here.engine unix:///var/run/docker.sock";

function wrongEngines(hosts: Hosts): Problem[] {
  const text =
    'names no engine, which is what a host is on the platform docker: write {"engine": "unix:///var/run/docker.sock"}';
  return Object.entries(hosts).flatMap(([name, host]): Problem[] => {
    if (!("engine" in host)) return [{ path: pathOf(["hosts", name]), text }];
    if (host.hostKey === undefined || String(host.engine).startsWith("ssh://")) return [];
    return [{ path: pathOf(["hosts", name, "hostKey"]), text: `is of no use: ${host.engine} is not reached by SSH` }];
  });
}

/** Whoever names none is on the only one. */
function placed(list: string, entries: readonly Placed[], hosts: Hosts = {}): Problem[] {
  const names = Object.keys(hosts);
  return entries.flatMap(({ host }, at): Problem[] => {
    const path = pathOf([list, at, "host"]);
    if (names.length === 0 || (host === undefined ? names.length === 1 : names.includes(host))) return [];
    if (host === undefined) return [{ path, text: `is missing: name one of hosts: ${names.join(", ")}` }];
    return [{ path, text: `${shown(host)} is none of hosts; there is ${names.join(", ")}` }];
  });
}

/** On several engines upstreams are dialled from other machines. */
function unreached(upstreams: readonly Placed[], hosts: Hosts = {}): Problem[] {
  if (Object.keys(hosts).length < 2) return [];
  const used = new Set(upstreams.map(({ host }) => host));
  const text = "is missing: where the other engines reach what this one publishes, as in 192.0.2.1";
  return Object.entries(hosts).flatMap(([name, host]): Problem[] => {
    if (!used.has(name) || !("engine" in host) || host.address !== undefined) return [];
    return sshPlaceOf({ url: String(host.engine) }) === null
      ? [{ path: pathOf(["hosts", name, "address"]), text }]
      : [];
  });
}

/** A command is a program of an image: natsby's own has the reference publisher and nothing else. */
function imagesOfCommands(publishers: readonly { readonly command?: unknown; readonly image?: unknown }[]): Problem[] {
  return publishers.flatMap(({ command, image }, at): Problem[] =>
    command === undefined || image !== undefined
      ? []
      : [
          {
            path: pathOf(["publishers", at, "image"]),
            text: "is missing: the image that has the program of its command",
          },
        ],
  );
}
