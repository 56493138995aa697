// Who is called what: no name twice, and every name that is referred to exists.

import { dummyNameOf, isName, longestName } from "../names.ts";
import { nearest } from "../nearest.ts";
import type { StackConfig } from "../stack-config.ts";
import type { Draft } from "./keys.ts";
import { type Problem, pathOf, shown } from "./problem.ts";
import { decode } from "./read.ts";
import { isMapping } from "./values.ts";

/** Names of a stack as far as they can be read: null where an entry has none. */
interface Names {
  readonly upstreams: readonly (string | null)[];
  readonly publishers: readonly (string | null)[];
}

/** Every broken rule about names. */
export function nameProblems(draft: Draft, config: StackConfig): readonly Problem[] {
  const names = { upstreams: namesIn("upstreams", draft, config), publishers: namesIn("publishers", draft, config) };
  return [...repeatedNames(names), ...activeProblems(draft, names), ...fencedProblems(draft, names)];
}

/** Also of a list that has problems, so that these are no reason to say nothing of its names. */
function namesIn(
  key: "upstreams" | "publishers",
  draft: Draft,
  { values, secretKeys }: StackConfig,
): (string | null)[] {
  const list: unknown = draft[key] ?? (secretKeys.has(key) ? [] : decode(values[key]));
  if (!Array.isArray(list)) return [];
  return list.map((entry: unknown) => (isMapping(entry) && typeof entry.name === "string" ? entry.name : null));
}

/** Every server and publisher has a folder, a user and a mark of its name, so no two may share one. */
function repeatedNames({ upstreams, publishers }: Names): Problem[] {
  const entries = [...namedEntries("upstreams", upstreams), ...namedEntries("publishers", publishers)];
  const dummies = namedEntries("publishers", publishers).map(({ name, path }) => ({ name: dummyNameOf(name), path }));
  return entries.flatMap(({ name, path }, index) => {
    const same = entries.find((other, at) => at < index && other.name === name);
    const dummy = dummies.find((other) => other.name === name);
    const owner = same === undefined ? dummy && `the dummy of ${dummy.path}` : same.path;
    if (owner !== undefined) return [{ path, text: `${shown(name)} is already ${owner}: choose another name` }];
    return path.startsWith("publishers") ? longDummyName(name, path) : [];
  });
}

function namedEntries(list: keyof Names, names: readonly (string | null)[]): { name: string; path: string }[] {
  return names.flatMap((name, index) => (name === null ? [] : [{ name, path: pathOf([list, index, "name"]) }]));
}

function longDummyName(name: string, path: string): Problem[] {
  if (name.length > longestName || dummyNameOf(name).length <= longestName) return [];
  return [
    {
      path,
      text: `${shown(name)} is too long for its dummy, ${dummyNameOf(name)}: at most ${longestName} characters in all`,
    },
  ];
}

function activeProblems({ activePublisher: active, fenced = [] }: Draft, { publishers }: Names): Problem[] {
  const known = usable(publishers);
  if (active === undefined || known.length === 0) return [];
  const path = "activePublisher";
  const flip = "if it was taken off the list, flip first: put it back, make another one active, then take it off";
  if (!known.includes(active)) {
    return [{ path, text: `${shown(active)} is none of the publishers: ${known.join(", ")}; ${flip}` }];
  }
  const rejoin = `natsby rejoin ${active} takes it back, or name another one`;
  return fenced.includes(active)
    ? [{ path, text: `${shown(active)} is fenced, so it cannot be heard: ${rejoin}` }]
    : [];
}

/** Names to choose from. */
function usable(names: readonly (string | null)[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== null && isName(name)))] as string[];
}

function fencedProblems({ fenced = [] }: Draft, { upstreams, publishers }: Names): Problem[] {
  const known = usable([...upstreams, ...publishers]);
  const problems = fenced.flatMap((name, index): Problem[] => {
    const path = pathOf(["fenced", index]);
    if (fenced.indexOf(name) !== index)
      return [{ path, text: `${shown(name)} stands in the list already: take it away` }];
    if (known.length === 0 || known.includes(name)) return [];
    const meant = nearest(name, known);
    const fix = meant === null ? `there are ${known.join(", ")}` : `did you mean ${meant}?`;
    return [{ path, text: `${shown(name)} is neither an upstream nor a publisher; ${fix}` }];
  });
  const allFenced = upstreams.length > 0 && upstreams.every((name) => name !== null && fenced.includes(name));
  return allFenced
    ? [...problems, { path: "fenced", text: "names every upstream: at least one must be left" }]
    : problems;
}
