// Who is heard, by what a status saw at the upstreams. What could not be seen is unknown, never nobody.

import { problems } from "./problems.ts";
import type { StatusJson } from "./status.ts";

/** The publisher that is heard, nobody, more than one, or not known. */
export type Heard =
  | { readonly who: "one"; readonly publisher: string }
  | { readonly who: "nobody" }
  | { readonly who: "doubled"; readonly words: string }
  /** Upstreams that did not say. */
  | { readonly who: "unknown"; readonly upstreams: readonly string[] };

/**
 * Who is heard.
 * @param passedOver upstreams whose silence is accepted. @default none
 */
export function heardOf(status: StatusJson, passedOver: readonly string[] = []): Heard {
  const doubled = status.problems.find(({ code }) => problems[code].severity === "doubled");
  if (doubled !== undefined) return { who: "doubled", words: doubled.text };
  const linked = status.publishers.filter(({ attached }) => (attached.seen ?? []).length > 0);
  if (linked.length > 1) return { who: "doubled", words: linked.map(({ name }) => name).join(" and ") };
  const upstreams = silentUpstreams(status).filter((name) => !passedOver.includes(name));
  if (upstreams.length > 0) return { who: "unknown", upstreams };
  const [one] = linked;
  return one === undefined ? { who: "nobody" } : { who: "one", publisher: one.name };
}

/** Upstreams that are not fenced and did not answer, or not with their links. */
export const silentUpstreams = ({ upstreams, fenced }: StatusJson): readonly string[] =>
  upstreams
    .filter(({ name }) => !fenced.includes(name))
    .filter(({ reachable, linksFrom }) => reachable !== true || linksFrom === null)
    .map(({ name }) => name);

/** One or two words for a sentence. */
export const heardWords = (heard: Heard): string =>
  heard.who === "one" ? heard.publisher : heard.who === "doubled" ? heard.words : heard.who;
