// Platform `local`: processes on this machine, by `command.local.Command`. Inputs are the same text on every machine.

import { relative } from "node:path";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { cutoverEnvironment } from "../core/cutover-plan.ts";
import { type PublisherPlan, renderListsFile, type ServerPlan } from "../core/plan.ts";
import { type ClusterSecret, instanceOf, secretsOf } from "../core/secrets.ts";
import type { Platform } from "./platform.ts";

/** Longer than every bound inside the command together: Pulumi's own bound is only the last resort. */
const customTimeouts = { create: "5m", update: "5m", delete: "1m" };

/** What a preview shows of a command besides: with another value it runs. */
export type Shown = Readonly<Record<string, pulumi.Input<string>>>;

/**
 * @param clusterSecret goes to each command on stdin only, as part of its request.
 * @param reach what the commands need to reach other hosts: goes with the request. @default nothing: all is on this machine
 */
export function localPlatform(
  clusterSecret: pulumi.Input<ClusterSecret>,
  reach: pulumi.Input<Readonly<Record<string, unknown>>> = {},
) {
  const request = (plan: unknown): pulumi.Output<string> => requestOf(clusterSecret, reach, plan);
  // Public, and derived one way: a preview shows that what is secret changed, not what it is.
  const digest = pulumi.unsecret(pulumi.output(clusterSecret).apply(digestOf));
  return {
    server(name, plan, options, shown: Shown = {}) {
      const environment = { ...serverEnvironment(plan), ...shown };
      return command(name, "apply/server", environment, request(plan), placed(plan, options));
    },
    publisher(name, plan, options, shown: Shown = {}) {
      const environment = { NATSBY_PUBLISHER: plan.name, ...shown };
      return command(name, "apply/publisher", environment, request(plan), placed(plan, options));
    },
    cutover: (name, plan, options) =>
      new local.Command(
        name,
        {
          create: `exec setsid --wait ${script("cutover/main")}`,
          environment: { ...cutoverEnvironment(plan), NATSBY_SECRET_DIGEST: digest },
          stdin: request({ ...plan, once: null }),
          addPreviousOutputInEnv: false,
        },
        { ...options, customTimeouts },
      ),
    contract: (name, plan, options) =>
      new local.Command(
        name,
        {
          create: `exec ${script("apply/contract")}`,
          environment: { NATSBY_CONTRACT: plan.map((one) => one.name).join(" ") },
          stdin: request(plan),
          addPreviousOutputInEnv: false,
        },
        { ...options, customTimeouts },
      ),
  } satisfies Platform;
}

/** What a command gets on stdin. */
function requestOf(
  clusterSecret: pulumi.Input<ClusterSecret>,
  reach: pulumi.Input<Readonly<Record<string, unknown>>>,
  plan: unknown,
): pulumi.Output<string> {
  const both = pulumi.all([clusterSecret, reach]);
  return pulumi.secret(both.apply(([secret, more]) => JSON.stringify({ plan, clusterSecret: secret, ...more })));
}

/** The command that brings files to where something else starts, or replaces, what reads them. */
export const filesCommand = (
  name: string,
  clusterSecret: pulumi.Input<ClusterSecret>,
  reach: pulumi.Input<Readonly<Record<string, unknown>>>,
  plan: ServerPlan | PublisherPlan,
  options: pulumi.CustomResourceOptions,
): local.Command =>
  new local.Command(
    name,
    {
      create: `exec ${script("apply/files")} create`,
      update: `exec ${script("apply/files")} update`,
      stdin: requestOf(clusterSecret, reach, plan),
      addPreviousOutputInEnv: false,
    },
    { ...options, customTimeouts },
  );

/** The command that does nothing until what it stands for goes. */
export const leaveCommand = (
  name: string,
  clusterSecret: pulumi.Input<ClusterSecret>,
  reach: pulumi.Input<Readonly<Record<string, unknown>>>,
  plan: { readonly host: string; readonly dataDir: string },
  options: pulumi.CustomResourceOptions,
): local.Command =>
  new local.Command(
    name,
    {
      create: `echo ${plan.host}`,
      delete: `exec ${script("apply/leave")}`,
      stdin: requestOf(clusterSecret, reach, plan),
      addPreviousOutputInEnv: false,
    },
    { ...options, customTimeouts },
  );

const digestOf = (secret: ClusterSecret): string => secretsOf(secret).map(instanceOf).join(" ");

interface PlacedOptions extends pulumi.CustomResourceOptions {
  /** Absent on a platform that has one host only. */
  readonly host?: string;
}

/** What goes to another host is another one: the old one goes first, since two of one name would be let into one cluster. */
function placed({ host }: ServerPlan | PublisherPlan, options: pulumi.CustomResourceOptions): PlacedOptions {
  return host === undefined ? options : { ...options, deleteBeforeReplace: true, host };
}

function command(
  name: string,
  program: string,
  environment: Shown,
  stdin: pulumi.Output<string>,
  { host, ...options }: PlacedOptions,
): local.Command {
  return new local.Command(
    name,
    {
      ...(host !== undefined && { triggers: [host] }),
      create: `exec ${script(program)} create`,
      update: `exec ${script(program)} update`,
      delete: `exec ${script("apply/remove")}`,
      environment,
      stdin,
      addPreviousOutputInEnv: false,
    },
    { ...options, customTimeouts },
  );
}

/** What a preview shows of a server, line by line. */
function serverEnvironment(plan: ServerPlan): Record<string, string> {
  return { NATSBY_SERVER: plan.name, NATSBY_CONFIG: plan.base, NATSBY_LIST: renderListsFile(plan.list) };
}

/**
 * How a command calls natsby's launcher: relative to the program's folder, which is the provider's working directory, so
 * that the text is the same wherever the project lies.
 */
function script(program: string): string {
  const root = relative(process.cwd(), `${import.meta.dirname}/../..`) || ".";
  return `${root}/scripts/run ${program}`;
}
