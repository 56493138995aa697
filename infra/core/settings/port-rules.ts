// No port twice on one machine, whether given or counted.

import { dummyNameOf } from "../names.ts";
import { dummyPorts, type GivenPorts, upstreamPorts, usualBasePort } from "../ports.ts";
import type { Draft } from "./keys.ts";
import { type Problem, pathOf } from "./problem.ts";

interface Use {
  readonly path: string;
  readonly owner: string;
  readonly port: number;
  readonly given: boolean;
  /** Undefined on a platform that has one host only. */
  readonly host: string | undefined;
}

/** Every given port that another server has too. Counted ports alone never meet. */
export function portProblems({ platform, upstreams, publishers, basePort: given }: Draft): readonly Problem[] {
  if (upstreams === undefined || publishers === undefined) return [];
  const basePort = given ?? (platform === "local" ? undefined : usualBasePort);
  const uses = [
    ...usesOf("upstreams", upstreams, upstreamPorts(upstreams, basePort ?? Number.NaN), (name) => name),
    ...usesOf("publishers", publishers, dummyPorts(publishers, basePort ?? Number.NaN), dummyNameOf),
  ];
  return uses.flatMap((use, index) => {
    const other = uses.find(
      (another, at) =>
        another.port === use.port && another.host === use.host && (at < index || (!another.given && at > index)),
    );
    if (!use.given || other === undefined) return [];
    return [{ path: use.path, text: `${use.port} is also the ${other.owner}: choose another port` }];
  });
}

function usesOf(
  list: string,
  entries: readonly (GivenPorts & { readonly host?: string | undefined })[],
  ports: readonly Readonly<Record<string, number>>[],
  serverOf: (name: string) => string,
): Use[] {
  return entries.flatMap((entry, index) =>
    Object.entries(ports[index] ?? {}).map(([key, port]) => ({
      path: pathOf([list, index, key]),
      owner: `${key.replace("Port", "")} port of ${serverOf(entry.name)}`,
      port,
      given: (entry as unknown as Record<string, unknown>)[key] !== null,
      host: entry.host,
    })),
  );
}
