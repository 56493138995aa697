// What must hold of a whole config, and what this version of natsby does not do yet.

import type { StackConfig } from "../stack-config.ts";
import { engineProblems } from "./engine-rules.ts";
import { hostProblems } from "./host-rules.ts";
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
    ...missingKeys(draft, config),
    ...secretProblems(config),
    ...nameProblems(draft, config),
    ...hostProblems(draft, config),
    ...engineProblems(draft, config),
    ...repeatedSubjects(draft),
    ...rateProblems(draft),
    ...portProblems(draft),
  ];
}

/** `leaf` is known, so that a config for it is not called misspelt. */
function notBuiltYet({ platform = "local", link = "routes" }: Draft): Problem[] {
  const not = (path: Key, value: string, ...works: readonly string[]): Problem[] =>
    works.includes(value)
      ? []
      : [
          {
            path,
            text: `${shown(value)} is not built yet in this version: ${works.map(shown).join(" and ")} ${works.length === 1 ? "works" : "work"}`,
          },
        ];
  return [...not("platform", platform, "local", "ssh", "docker"), ...not("link", link, "routes")];
}

/** Keys of platforms that this stack is not on. */
function foreignKeys(draft: Draft): Problem[] {
  const { platform, hosts, natsServer, sshPrivateKeys, upstreams = [], publishers = [] } = draft;
  const text = (platforms: string) => `belongs to ${platforms}, and this stack's platform is ${platform}: take it away`;
  const foreign = (value: unknown, path: (string | number)[], platforms: string): Problem[] =>
    value === undefined ? [] : [{ path: pathOf(path), text: text(platforms) }];
  const images = [
    ...publishers.flatMap(({ image }, index) => foreign(image, ["publishers", index, "image"], "docker")),
    ...foreign(natsServer?.image, ["natsServer", "image"], "docker"),
  ];
  if (platform === "ssh") return images;
  const keys = foreign(sshPrivateKeys, ["sshPrivateKeys"], "ssh");
  const users = publishers.flatMap(({ user }, index) => foreign(user, ["publishers", index, "user"], "ssh"));
  const sources = (["downloadUrl", "sha256"] as const).flatMap((key) =>
    foreign(natsServer?.[key], ["natsServer", key], "ssh"),
  );
  if (platform === "docker") return [...keys, ...users, ...sources];
  return [
    ...foreign(hosts, ["hosts"], "docker and ssh"),
    ...keys,
    ...users,
    ...sources,
    ...upstreams.flatMap(({ host }, index) => foreign(host, ["upstreams", index, "host"], "docker and ssh")),
    ...publishers.flatMap(({ host }, index) => foreign(host, ["publishers", index, "host"], "docker and ssh")),
    ...images,
  ];
}

/** On hosts of their own a folder and ports are the same for every stack; on this machine they are found and kept. */
function missingKeys({ platform }: Draft, { values, stack }: StackConfig): Problem[] {
  const needed =
    platform === "local" ? (["dataDir", "basePort", "clusterSecret"] as const) : (["clusterSecret"] as const);
  const missing = needed.filter((key) => values[key] === undefined);
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
  const first = publishers.find(({ command, image }) => command === undefined && image === undefined);
  return publishers.flatMap(({ command, image, rate }, index) => {
    if (command !== undefined || image !== undefined || first === undefined || rate === first.rate) return [];
    const text = `${rate} differs from ${first.name}'s ${first.rate}: publishers without a command number their messages by time and rate, so all need one rate`;
    return [{ path: pathOf(["publishers", index, "rate"]), text }];
  });
}
