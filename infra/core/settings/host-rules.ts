// Who is where: every server and publisher of a stack on several hosts names one that the config has, and how it is reached.

import { nearest } from "../nearest.ts";
import type { StackConfig } from "../stack-config.ts";
import type { Draft } from "./keys.ts";
import { type Problem, pathOf, shown } from "./problem.ts";
import { decode } from "./read.ts";
import { isMapping } from "./values.ts";

/** Every broken rule about hosts of the platform `ssh`. */
export function hostProblems(draft: Draft, config: StackConfig): readonly Problem[] {
  if (draft.platform !== "ssh") return [];
  const known = Object.keys(draft.hosts ?? knownIn(config));
  return [
    ...missingHosts(config),
    ...engines(draft),
    ...placements(draft, known),
    ...jumps(draft),
    ...missingCommands(draft),
    ...keyProblems(config, known),
  ];
}

/** Also of hosts that have problems, so that these are no reason to say that a host is not there. */
function knownIn({ values }: StackConfig): Record<string, unknown> {
  const hosts = decode(values.hosts);
  return isMapping(hosts) ? hosts : {};
}

function missingHosts({ values }: StackConfig): Problem[] {
  if (values.hosts !== undefined) return [];
  const text = `is missing: pulumi config set --path hosts.web1.address 192.0.2.1, then natsby hosts scan writes its hostKey`;
  return [{ path: "hosts", text }];
}

function engines({ hosts = {} }: Draft): Problem[] {
  return Object.entries(hosts).flatMap(([name, host]): Problem[] =>
    "engine" in host
      ? [
          {
            path: pathOf(["hosts", name, "engine"]),
            text: "belongs to docker, and this stack's platform is ssh: give its address",
          },
        ]
      : [],
  );
}

function placements({ upstreams = [], publishers = [] }: Draft, known: readonly string[]): Problem[] {
  const entries = [...upstreams.map((entry, at) => ["upstreams", at, entry] as const)];
  const all = [...entries, ...publishers.map((entry, at) => ["publishers", at, entry] as const)];
  return all.flatMap(([list, at, { host }]): Problem[] => {
    const path = pathOf([list, at, "host"]);
    if (host === undefined)
      return [{ path, text: `is missing: name one of hosts: ${known.join(", ") || "there is none"}` }];
    if (known.length === 0 || known.includes(host)) return [];
    return [{ path, text: `${shown(host)} is none of hosts; ${meantOf(host, known)}` }];
  });
}

function jumps({ hosts = {} }: Draft): Problem[] {
  const names = Object.keys(hosts);
  const jumpOf = (name: string): string | undefined => {
    const host = hosts[name];
    return host === undefined || "engine" in host ? undefined : host.jump;
  };
  return names.flatMap((name): Problem[] => {
    const jump = jumpOf(name);
    if (jump === undefined) return [];
    const path = pathOf(["hosts", name, "jump"]);
    if (!names.includes(jump)) return [{ path, text: `${shown(jump)} is none of hosts; ${meantOf(jump, names)}` }];
    const way: string[] = [];
    for (let next: string | undefined = jump; next !== undefined && !way.includes(next); next = jumpOf(next)) {
      if (next === name) return [{ path, text: "leads back to itself: take a jump away" }];
      way.push(next);
    }
    return [];
  });
}

/** The reference publisher is a program of this machine's: other hosts have no Node. */
function missingCommands({ publishers = [] }: Draft): Problem[] {
  return publishers.flatMap(({ command }, at): Problem[] =>
    command !== undefined
      ? []
      : [
          {
            path: pathOf(["publishers", at, "command"]),
            text: `is missing: on the platform ssh a publisher is a program of its host, and natsby's own needs Node: put one there (examples/perl/publisher.pl needs Perl alone), then pulumi config set --path 'publishers[${at}].command[0]' /usr/local/bin/publish`,
          },
        ],
  );
}

/** Of the keys nothing but whose they are is looked at. */
function keyProblems({ values, secretKeys }: StackConfig, known: readonly string[]): Problem[] {
  const given = values.sshPrivateKeys;
  if (given === undefined) return [];
  const path = "sshPrivateKeys";
  const way = "pulumi config set --secret --path sshPrivateKeys.default < key";
  if (!secretKeys.has(path)) return [{ path, text: `is not encrypted: make a new key, and set it with ${way}` }];
  const keys = decode(given);
  if (typeof keys === "string" || !isMapping(keys))
    return [{ path, text: `is not a mapping of hosts to keys: ${way}` }];
  if (typeof keys.secure === "string") return [];
  return Object.keys(keys).flatMap((name): Problem[] =>
    name === "default" || known.length === 0 || known.includes(name)
      ? []
      : [{ path: pathOf([path, name]), text: `names no host; ${meantOf(name, [...known, "default"])}` }],
  );
}

function meantOf(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === null ? `there are ${known.join(", ")}` : `did you mean ${meant}?`;
}
