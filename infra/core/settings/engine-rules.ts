// On which Docker engine everything is: this version of natsby runs a whole stack on one.

import type { StackConfig } from "../stack-config.ts";
import type { Draft } from "./keys.ts";
import { type Problem, pathOf, shown } from "./problem.ts";

/** Every broken rule about engines of the platform `docker`. */
export function engineProblems(draft: Draft, { values }: StackConfig): readonly Problem[] {
  const { platform, hosts, upstreams = [], publishers = [], dataDir } = draft;
  if (platform !== "docker") return [];
  return [
    ...(values.hosts === undefined ? [{ path: "hosts", text: missing }] : oneEngine(hosts ?? {})),
    ...placed("upstreams", upstreams, hosts),
    ...placed("publishers", publishers, hosts),
    ...(dataDir === undefined || dataDir === "/natsby" ? [] : [{ path: "dataDir", text: folder }]),
    ...imagesOfCommands(publishers),
  ];
}

const folder = "is /natsby on the platform docker, in every container: take it away";

const missing = "is missing: pulumi config set --path hosts.here.engine unix:///var/run/docker.sock";

function oneEngine(hosts: Exclude<Draft["hosts"], undefined>): Problem[] {
  const others = Object.entries(hosts).filter(([, host]) => !("engine" in host));
  const text =
    'names no engine, which is all that a host is on the platform docker: write {"engine": "unix:///var/run/docker.sock"}';
  if (others.length > 0) return others.map(([name]) => ({ path: pathOf(["hosts", name]), text }));
  const names = Object.keys(hosts);
  // None: an entry has a problem of its own.
  if (names.length <= 1) return [];
  return [
    {
      path: "hosts",
      text: `has ${names.length} entries; this version of natsby runs a stack on one engine: leave one`,
    },
  ];
}

/** Whoever names none is on the only one. */
function placed(
  list: string,
  entries: readonly { readonly host?: string | undefined }[],
  hosts: Draft["hosts"],
): Problem[] {
  const names = Object.keys(hosts ?? {});
  return entries.flatMap(({ host }, at): Problem[] =>
    host === undefined || names.length === 0 || names.includes(host)
      ? []
      : [{ path: pathOf([list, at, "host"]), text: `${shown(host)} is none of hosts; there is ${names.join(", ")}` }],
  );
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
