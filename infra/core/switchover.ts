// Whether a planned flip may begin: pure, by what was seen. It refuses what is known beforehand; the cutover looks again.

import { UserError } from "./errors.ts";
import { heardOf, heardWords, silentUpstreams } from "./heard.ts";
import { refuseUnknown } from "./known-name.ts";
import type { PublisherStatus, StatusJson } from "./status.ts";

/** What was typed. */
export interface SwitchoverAsked {
  readonly to: string;
  /** Who the typist believes is heard; null: anybody. */
  readonly from: string | null;
  /** Accept upstreams that do not answer. */
  readonly acceptDegraded: boolean;
  /** Accept a target that publishes nothing. */
  readonly acceptSilent: boolean;
}

/** What is to be done. */
export type SwitchoverDecision =
  | { readonly kind: "already" }
  /** `from`: who is heard now; null: nobody. */
  | { readonly kind: "flip"; readonly from: string | null };

/**
 * Decides, from what was seen and what the config asks for.
 * @param asked.to must be known and not fenced, healthy and publishing
 * @throws UserError exit 3 that says what was seen and what to type
 */
export function decideSwitchover(
  status: StatusJson,
  configured: string,
  last: string | null,
  asked: SwitchoverAsked,
): SwitchoverDecision {
  const names = status.publishers.map(({ name }) => name);
  refuseUnknown(asked.to, names, "publisher");
  if (asked.from !== null) refuseUnknown(asked.from, names, "publisher");
  refuseFenced(status, asked.to);
  const heard = heardOf(status, asked.acceptDegraded ? silentUpstreams(status) : []);
  if (heard.who === "doubled") {
    throw new UserError(`more than one may be heard: ${heard.words}`, {
      code: "doubled-now",
      hint: "`pulumi up` mends it: it detaches all but the configured one; then type this again",
    });
  }
  if (heard.who === "unknown") throw upstreamUnknown(heard.upstreams);
  if (asked.from !== null && heardWords(heard) !== asked.from) throw stalePremise(asked, heardWords(heard));
  const from = heard.who === "one" ? heard.publisher : null;
  if (from === asked.to && configured === asked.to) return { kind: "already" };
  refuseUnreachable(status, from ?? last, asked.to);
  refuseUnhealthy(named(status, asked.to), asked.acceptSilent);
  return { kind: "flip", from };
}

/** @throws UserError exit 3 where it is fenced. */
export function refuseFenced({ fenced }: StatusJson, name: string): void {
  if (!fenced.includes(name)) return;
  throw new UserError(`${name} is fenced: a failover gave it up`, {
    code: "target-fenced",
    hint: `\`natsby rejoin ${name}\` takes it back, detached`,
  });
}

/** @throws UserError exit 3 where its dummy does not answer, or it publishes nothing. */
export function refuseUnhealthy(target: PublisherStatus, acceptSilent: boolean): void {
  const { name, dummy, reachable, publishing } = target;
  if (reachable !== true) {
    throw new UserError(
      `${dummy}, the server of ${name}, ${reachable === false ? "does not run" : "does not answer"}`,
      {
        code: "target-unknown",
        hint: `see to it first: \`pulumi up\` starts what does not run; \`natsby logs ${dummy}\``,
      },
    );
  }
  if (publishing === true || acceptSilent) return;
  throw new UserError(
    `${name} ${publishing === false ? "publishes nothing" : "may publish nothing: it cannot be seen"}`,
    {
      code: "target-silent",
      hint: `see to it first: \`natsby logs ${name}\`; or accept it: --accept-silent --reason "…"`,
    },
  );
}

/** A frozen one is reached through its host, and stopped there; one without a process is dead. */
function refuseUnreachable(status: StatusJson, active: string | null, to: string): void {
  const one = status.publishers.find(({ name }) => name === active);
  if (one === undefined || one.name === to || status.fenced.includes(one.name)) return;
  if (one.reachable === true || one.pid !== null) return;
  const words = one.reachable === false ? "does not run" : "does not answer";
  throw new UserError(`${one.dummy}, the server of ${one.name}, ${words}: a planned flip needs both sides`, {
    code: "active-unreachable",
    hint: `the verb is failover: \`natsby failover --to ${to} --reason "${one.name} is gone"\``,
  });
}

function upstreamUnknown(upstreams: readonly string[]): UserError {
  return new UserError(`upstream ${upstreams.join(", ")} did not say who is linked there`, {
    code: "upstream-unknown",
    hint: `see to it first: \`natsby logs ${upstreams[0]}\`; or do without it: --accept-degraded --reason "…"`,
  });
}

function stalePremise({ from }: SwitchoverAsked, seen: string): UserError {
  const who = seen === "nobody" ? "nobody is" : `${seen} is`;
  return new UserError(`${from} is not heard: ${who}`, {
    code: "stale-premise",
    hint: "look with `natsby status`; then name who is heard, or leave --from away",
  });
}

/** The publisher of this name; names were checked before. */
export function named({ publishers }: StatusJson, name: string): PublisherStatus {
  const found = publishers.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no publisher ${name}`);
  return found;
}
