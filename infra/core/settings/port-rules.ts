// No port twice on one machine, whether given or counted.

import { dummyNameOf } from "../names.ts";
import { dummyPorts, type GivenPorts, upstreamPorts } from "../ports.ts";
import type { Draft } from "./keys.ts";
import { type Problem, pathOf } from "./problem.ts";

interface Use {
  readonly path: string;
  readonly owner: string;
  readonly port: number;
  readonly given: boolean;
}

/** Every given port that another server has too. Counted ports alone never meet. */
export function portProblems({ upstreams, publishers, basePort }: Draft): readonly Problem[] {
  if (upstreams === undefined || publishers === undefined) return [];
  const uses = [
    ...usesOf("upstreams", upstreams, upstreamPorts(upstreams, basePort ?? Number.NaN), (name) => name),
    ...usesOf("publishers", publishers, dummyPorts(publishers, basePort ?? Number.NaN), dummyNameOf),
  ];
  return uses.flatMap((use, index) => {
    const other = uses.find(
      (another, at) => another.port === use.port && (at < index || (!another.given && at > index)),
    );
    if (!use.given || other === undefined) return [];
    return [{ path: use.path, text: `${use.port} is also the ${other.owner}: choose another port` }];
  });
}

function usesOf(
  list: string,
  entries: readonly GivenPorts[],
  ports: readonly Readonly<Record<string, number>>[],
  serverOf: (name: string) => string,
): Use[] {
  return entries.flatMap((entry, index) =>
    Object.entries(ports[index] ?? {}).map(([key, port]) => ({
      path: pathOf([list, index, key]),
      owner: `${key.replace("Port", "")} port of ${serverOf(entry.name)}`,
      port,
      given: (entry as unknown as Record<string, unknown>)[key] !== null,
    })),
  );
}
