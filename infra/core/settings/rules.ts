// What must hold of a whole config, and what this version of natsby does not do yet.

import type { StackConfig } from "../stack-config.ts";
import type { Draft, Key } from "./keys.ts";
import { nameProblems } from "./name-rules.ts";
import { portProblems } from "./port-rules.ts";
import { type Problem, pathOf, shown } from "./problem.ts";

/** The shortest text that is accepted as a cluster secret. */
const shortestSecret = 32;

/** Every broken rule. A rule that needs a value which has a problem of its own says nothing. */
export function brokenRules(draft: Draft, config: StackConfig): readonly Problem[] {
  return [
    ...notBuiltYet(draft),
    ...foreignKeys(draft),
    ...missingKeys(config),
    ...secretProblems(config),
    ...nameProblems(draft, config),
    ...repeatedSubjects(draft),
    ...rateProblems(draft),
    ...portProblems(draft),
  ];
}

/** `docker`, `ssh` and `leaf` are known, so that a config for them is not called misspelt. */
function notBuiltYet({ platform = "local", link = "routes" }: Draft): Problem[] {
  const not = (path: Key, value: string, works: string): Problem[] =>
    value === works ? [] : [{ path, text: `${shown(value)} is not built yet in this version: ${shown(works)} works` }];
  return [...not("platform", platform, "local"), ...not("link", link, "routes")];
}

/** Keys of platforms that this stack is not on. */
function foreignKeys({ platform, hosts, sshPrivateKeys, upstreams = [], publishers = [] }: Draft): Problem[] {
  if (platform !== "local") return [];
  const text = (platforms: string) => `belongs to ${platforms}, and this stack's platform is local: take it away`;
  const foreign = (value: unknown, path: (string | number)[], platforms: string): Problem[] =>
    value === undefined ? [] : [{ path: pathOf(path), text: text(platforms) }];
  return [
    ...foreign(hosts, ["hosts"], "docker and ssh"),
    ...foreign(sshPrivateKeys, ["sshPrivateKeys"], "ssh"),
    ...upstreams.flatMap(({ host }, index) => foreign(host, ["upstreams", index, "host"], "docker and ssh")),
    ...publishers.flatMap(({ host, image }, index) => [
      ...foreign(host, ["publishers", index, "host"], "docker and ssh"),
      ...foreign(image, ["publishers", index, "image"], "docker"),
    ]),
  ];
}

function missingKeys({ values, stack }: StackConfig): Problem[] {
  const missing = (["dataDir", "basePort", "clusterSecret"] as const).filter((key) => values[key] === undefined);
  const command = stack === "local" ? "natsby start" : `natsby init ${stack}`;
  const written = `${missing.length === 1 ? "is" : "are"} missing: ${command} writes what is missing`;
  const active = "is missing: pulumi config set activePublisher publisher0 says who is heard";
  return [
    ...(missing.length === 0 ? [] : [{ path: missing.join(", "), text: written }]),
    ...(values.activePublisher === undefined ? [{ path: "activePublisher", text: active }] : []),
  ];
}

/** Of a secret's value nothing but its length is looked at, and only Pulumi's road brings it. */
function secretProblems({ values, secretKeys }: StackConfig): Problem[] {
  return (["clusterSecret", "clusterSecretPrevious"] as const).flatMap((path): Problem[] => {
    const value = values[path];
    if (value === undefined) return [];
    const open = `is not encrypted: choose a new one, and set it with pulumi config set --secret ${path}`;
    if (!secretKeys.has(path)) return [{ path, text: open }];
    const short = typeof value === "string" && value.length < shortestSecret;
    return short ? [{ path, text: `has less than ${shortestSecret} characters: take a longer one` }] : [];
  });
}

function repeatedSubjects({ subjects = [] }: Draft): Problem[] {
  return subjects.flatMap((subject, index) =>
    subjects.indexOf(subject) === index
      ? []
      : [{ path: pathOf(["subjects", index]), text: `${shown(subject)} stands in the list already: take it away` }],
  );
}

/** The reference publisher numbers by clock and rate: two rates would give one moment two numbers. */
function rateProblems({ publishers = [] }: Draft): Problem[] {
  const first = publishers.find(({ command }) => command === undefined);
  return publishers.flatMap(({ command, rate }, index) => {
    if (command !== undefined || first === undefined || rate === first.rate) return [];
    const text = `${rate} differs from ${first.name}'s ${first.rate}: publishers without a command number their messages by time and rate, so all need one rate`;
    return [{ path: pathOf(["publishers", index, "rate"]), text }];
  });
}
