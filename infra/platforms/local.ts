// Platform `local`: processes on this machine, by `command.local.Command`. Inputs are the same text on every machine.

import { relative } from "node:path";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { cutoverEnvironment } from "../core/cutover-plan.ts";
import { renderListsFile, type ServerPlan } from "../core/plan.ts";
import type { Platform } from "./platform.ts";

/** Longer than every bound inside the command together: Pulumi's own bound is only the last resort. */
const customTimeouts = { create: "5m", update: "5m", delete: "1m" };

/** @param clusterSecret goes to each command on stdin only, as part of its request. */
export function localPlatform(clusterSecret: pulumi.Input<string>): Platform {
  const request = (plan: unknown): pulumi.Output<string> =>
    pulumi.secret(pulumi.output(clusterSecret).apply((secret) => JSON.stringify({ plan, clusterSecret: secret })));
  return {
    server: (name, plan, options) => command(name, "apply/server", serverEnvironment(plan), request(plan), options),
    publisher: (name, plan, options) =>
      command(name, "apply/publisher", { NATSBY_PUBLISHER: plan.name }, request(plan), options),
    cutover: (name, plan, options) =>
      new local.Command(
        name,
        {
          create: `exec setsid --wait ${script("cutover/main")}`,
          environment: cutoverEnvironment(plan),
          stdin: request(plan),
          addPreviousOutputInEnv: false,
        },
        { ...options, customTimeouts },
      ),
    contract: (name, plan, options) =>
      new local.Command(
        name,
        { create: `exec ${script("apply/contract")}`, stdin: request(plan), addPreviousOutputInEnv: false },
        { ...options, customTimeouts },
      ),
  };
}

function command(
  name: string,
  program: string,
  environment: Record<string, string>,
  stdin: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): local.Command {
  return new local.Command(
    name,
    {
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
