// Looks at the machine: which tools are there, which are missing. Brings nothing and never touches the network.

import { findLanguageHost } from "./language-runtime.ts";
import { findNatsServer } from "./nats-server.ts";
import { findNode } from "./node.ts";
import type { Variables } from "./paths.ts";
import { commandPlugin, dockerPlugin, findPlugin } from "./plugin.ts";
import { findPulumi, homeFor } from "./pulumi.ts";
import { withoutNatsby } from "./shell-environment.ts";
import { dockerIsAsked } from "./stack-platforms.ts";
import { type Found, isTool, type Tool } from "./tool.ts";

/** Every tool that natsby needs; `T` is what is known of each. */
export interface Tools<T> {
  readonly node: T;
  readonly pulumi: T;
  readonly languageHost: T;
  readonly commandPlugin: T;
  /** Absent where no stack of this checkout runs on the platform docker. */
  readonly dockerPlugin?: T;
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

/**
 * Looks for every tool: on PATH as the user's shell has it, and in natsby's cache.
 * @param docker whether the plugin docker is needed. @default where a stack of this checkout runs on Docker
 */
export function look(env: Variables = process.env, docker: boolean = dockerIsAsked()): Look {
  const shell = withoutNatsby(env);
  const pulumi = findPulumi(shell);
  const pulumiHome = homeFor(pulumi, shell);
  return {
    node: findNode(shell),
    pulumi,
    languageHost: findLanguageHost(pulumi, shell),
    commandPlugin: findPlugin(commandPlugin, pulumi, pulumiHome, shell),
    ...(docker && { dockerPlugin: findPlugin(dockerPlugin, pulumi, pulumiHome, shell) }),
    natsServer: findNatsServer(shell),
    pulumiHome,
  };
}

/** Every tool of a look or a toolchain, in the order in which they are shown. */
export const everyTool = <T>(tools: Tools<T>): readonly T[] => {
  const { node, pulumi, languageHost, commandPlugin, dockerPlugin, natsServer } = tools;
  return [node, pulumi, languageHost, commandPlugin, ...(dockerPlugin === undefined ? [] : [dockerPlugin]), natsServer];
};

/** The toolchain, where a look found every tool. */
export function complete(found: Look): Toolchain | undefined {
  return everyTool<Found>(found).every(isTool) ? (found as Toolchain) : undefined;
}
