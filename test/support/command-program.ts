// A Pulumi program that makes the commands listed in commands.json beside it; tests copy it as their `infra/index.ts`.

import { readFileSync } from "node:fs";
import { local, remote } from "@pulumi/command";
import { type CustomResourceOptions, type Output, secret } from "@pulumi/pulumi";

/** One command of the list. */
export interface CommandSpec {
  readonly args: local.CommandArgs | remote.CommandArgs;
  /** Runs on another host. @default false */
  readonly remote?: boolean;
  /** Names of arguments that are secret. @default none */
  readonly secrets?: readonly string[];
  /** A command whose output is the value of the variable A. @default none */
  readonly after?: string;
  readonly options?: CustomResourceOptions;
}

const list: Record<string, CommandSpec> = JSON.parse(readFileSync("commands.json", "utf8"));
const stdouts: Record<string, Output<string>> = {};

for (const [name, { args, remote: isRemote, secrets = [], after, options }] of Object.entries(list)) {
  const hidden = Object.entries(args).map(([key, value]) => [key, secrets.includes(key) ? secret(value) : value]);
  const taken = after ? { environment: { A: stdouts[after] } } : {};
  const Kind = isRemote ? remote.Command : local.Command;
  stdouts[name] = new Kind(name, { ...Object.fromEntries(hidden), ...taken }, options).stdout;
}

/** What the command `plain` printed. */
export const printed = stdouts.plain;
