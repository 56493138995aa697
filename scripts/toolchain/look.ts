// Looks at the machine: which tools are there, which are missing. Brings nothing and never touches the network.

import { findCommandPlugin } from "./command-plugin.ts";
import { findLanguageHost } from "./language-runtime.ts";
import { findNatsServer } from "./nats-server.ts";
import { findNode } from "./node.ts";
import type { Variables } from "./paths.ts";
import { findPulumi, homeFor } from "./pulumi.ts";
import { withoutNatsby } from "./shell-environment.ts";
import { type Found, isTool, type Tool } from "./tool.ts";

/** Every tool that natsby needs; `T` is what is known of each. */
export interface Tools<T> {
  readonly node: T;
  readonly pulumi: T;
  readonly languageHost: T;
  readonly commandPlugin: T;
  readonly natsServer: T;
}

/** Every tool, there and working, and the PULUMI_HOME that Pulumi is to use. */
export interface Toolchain extends Tools<Tool> {
  readonly pulumiHome: string;
}

/** What was found of every tool, and where Pulumi's home would be. */
export interface Look extends Tools<Found> {
  readonly pulumiHome: string;
}

/** Looks for every tool: on PATH as the user's shell has it, and in natsby's cache. */
export function look(env: Variables = process.env): Look {
  const shell = withoutNatsby(env);
  const pulumi = findPulumi(shell);
  const pulumiHome = homeFor(pulumi, shell);
  return {
    node: findNode(shell),
    pulumi,
    languageHost: findLanguageHost(pulumi, shell),
    commandPlugin: findCommandPlugin(pulumi, pulumiHome, shell),
    natsServer: findNatsServer(shell),
    pulumiHome,
  };
}

/** Every tool of a look or a toolchain, in the order in which they are shown. */
export const everyTool = <T>({ node, pulumi, languageHost, commandPlugin, natsServer }: Tools<T>): readonly T[] => [
  node,
  pulumi,
  languageHost,
  commandPlugin,
  natsServer,
];

/** The toolchain, where a look found every tool. */
export function complete(found: Look): Toolchain | undefined {
  return everyTool<Found>(found).every(isTool) ? (found as Toolchain) : undefined;
}
