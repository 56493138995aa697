// What a program refuses before anything is touched, because going on would silence or double the active publisher.

import { UserError } from "../core/errors.ts";
import type { LeftAlone } from "../core/left-alone.ts";
import { linksToUpstreams } from "../core/links.ts";
import type { Observation } from "../core/observation.ts";
import { dummyPlan, publisherPlan } from "../core/plan.ts";
import type { Problem } from "../core/problems.ts";
import { restartsFor } from "../core/restart-fields.ts";
import { type Publisher, publisherOf, type Topology } from "../core/topology.ts";
import type { Applied } from "../hosts/applied.ts";
import { type Owner, refuseOtherOwner } from "../hosts/owner-file.ts";
import type { Recorded } from "./recorded.ts";

/** What was seen. */
export interface Seen {
  readonly problems: readonly Problem[];
  readonly observation: Observation;
  readonly applied: readonly Applied[];
  readonly recorded: Recorded;
  /** Dummies that are not on the host that the config places them on, though that host was asked. @default none */
  readonly missing?: ReadonlySet<string>;
  /** What this run does not change. @default nobody */
  readonly alone?: LeftAlone;
  /** How far a rotation of the secret is. @default not looked at */
  readonly rotation?: {
    /** `instanceOf` the config's only secret; not told while there are two. */
    readonly instance: string | undefined;
    readonly owner: Owner | null;
    /** The ticket by which the active publisher was attached. */
    readonly attached: number;
  };
}

/** @throws UserError exit 3. */
export function refuseRisks(topology: Topology, seen: Seen): void {
  refuseStale(topology, seen);
  refuseOtherSecret(topology, seen);
  refuseActiveRestart(topology, seen);
}

function refuseStale({ epoch }: Topology, { problems, recorded }: Seen): void {
  const stale = problems.find(({ code }) => code === "stale-config");
  if (stale === undefined && recorded.epoch <= epoch) return;
  throw new UserError(
    stale?.text ?? `the config says epoch ${epoch}, the stack was last deployed with ${recorded.epoch}`,
    {
      code: "stale-epoch",
      hint: "a failover came after this config: take the newer one with `git pull`",
    },
  );
}

/** A commit of the wrong secret would be found out only by the commands, one after the other. */
function refuseOtherSecret({ dataDir }: Topology, { rotation }: Seen): void {
  if (rotation?.owner == null || rotation.instance === undefined) return;
  refuseOtherOwner(dataDir, rotation.owner, rotation.instance);
}

/** Judged by who IS linked, not by who should be. */
function refuseActiveRestart(topology: Topology, seen: Seen): void {
  const { observation, applied, alone, rotation } = seen;
  if (topology.allowActiveRestart) return;
  refuseActiveMove(topology, seen);
  const linked = linksToUpstreams(observation).find(({ peer }) => peer.kind === "dummy")?.peer.name;
  const heard = observation.dummies.find(({ name }) => name === linked)?.publisher;
  if (heard === undefined || !topology.publishers.some(({ name }) => name === heard)) return;
  if (alone?.has(heard)) return;
  const publisher = publisherOf(topology, heard);
  const changes = [dummyPlan(topology, publisher), publisherPlan(topology, publisher)].flatMap((wanted) => {
    const placed = applied.find(({ plan }) => plan.name === wanted.name)?.plan;
    return placed === undefined ? [] : restartsFor(placed, wanted).map((field) => `${wanted.name}: ${field}`);
  });
  const runsWith = applied.find(({ plan }) => plan.name === heard)?.instance;
  const isFlip = topology.activePublisher !== heard;
  if (isFlip ? replacesTooEarly(topology, runsWith, rotation) : dropsItsSecret(runsWith, rotation))
    changes.push(secretChange(heard));
  if (changes.length === 0) return;
  const isRotation = changes.every((change) => change === secretChange(heard));
  const [way, then] = isRotation
    ? [
        isFlip || topology.platform === "docker"
          ? "put clusterSecretPrevious back and flip first"
          : "flip in the same run",
        "",
      ]
    : ["flip first", "; then make this change, or let `natsby roll` do both"];
  throw new UserError(`this change restarts ${publisher.name}, which is heard now (${changes.join(", ")})`, {
    code: "active-restart",
    hint: `${way}: pulumi config set activePublisher <another>, pulumi up${then}. Or accept the silence: pulumi config set allowActiveRestart true`,
  });
}

/**
 * It would be gone from the one host before it is on the other. What it runs with is recorded on its host alone, so one that moves
 * from a host that the config has no more leaves nothing to compare with: but it is linked, and not where the config has it.
 */
function refuseActiveMove({ publishers }: Topology, { observation, recorded, missing, alone }: Seen): void {
  const linked = linksToUpstreams(observation).map(({ peer }) => peer);
  // Asked where the config has it, it is not there: so the one that is linked counts as a stranger by its name.
  const linkedNames = new Set(
    linked.filter(({ kind, impostor }) => kind === "dummy" || impostor).map(({ name }) => name),
  );
  const from = (name: string) => recorded.hosts?.get(name);
  const moved = ({ name, host }: Publisher) => from(name) !== undefined && from(name) !== host;
  const found = publishers.find(
    (one) =>
      one.host !== undefined &&
      linkedNames.has(one.dummy.name) &&
      !alone?.has(one.name) &&
      (moved(one) || missing?.has(one.dummy.name)),
  );
  if (found === undefined) return;
  const { name, host } = found;
  const where = moved(found)
    ? `from host ${from(name)} to ${host}`
    : `to host ${host}, whose address is another machine's now`;
  throw new UserError(`this change moves ${name}, which is heard now, ${where}: nobody would be heard meanwhile`, {
    code: "active-restart",
    hint: "flip first: pulumi config set activePublisher <another>, pulumi up; then move it, and flip back. Or accept the silence: pulumi config set allowActiveRestart true",
  });
}

/**
 * Where the config has only the new secret again, and the active publisher stands on the old one: by its password, or since
 * its dummy was linked before all accepted the new one's certificates.
 */
function dropsItsSecret(runsWith: string | undefined, rotation: Seen["rotation"]): boolean {
  const { instance, owner, attached = 0 } = rotation ?? {};
  if (instance === undefined || owner?.next !== instance) return false;
  return runsWith !== instance || attached <= (owner.readySince ?? 0);
}

/** A container is replaced before the cutover: a flip in the same run comes too late for it. */
function replacesTooEarly({ platform }: Topology, runsWith: string | undefined, rotation: Seen["rotation"]): boolean {
  const { instance, owner } = rotation ?? {};
  return platform === "docker" && instance !== undefined && owner?.next === instance && runsWith !== instance;
}

const secretChange = (publisher: string): string => `${publisher}: clusterSecret`;
