// A Pulumi program that makes the commands listed in commands.json beside it; tests copy it as their `infra/index.ts`.

import { readFileSync } from "node:fs";
import { local, remote } from "@pulumi/command";
import { asset, type CustomResourceOptions, type Output, secret } from "@pulumi/pulumi";

/** What is copied, as JSON can say it. */
export type SourceSpec = { readonly text: string } | { readonly file: string } | { readonly archive: string };

/** One copy of the list. */
export interface CopySpec {
  readonly copy: Omit<remote.CopyToRemoteArgs, "source"> & { readonly source: SourceSpec };
}

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

const list: Record<string, CommandSpec | CopySpec> = JSON.parse(readFileSync("commands.json", "utf8"));
const stdouts: Record<string, Output<string>> = {};

for (const [name, spec] of Object.entries(list)) {
  if ("copy" in spec) new remote.CopyToRemote(name, { ...spec.copy, source: sourceOf(spec.copy.source) });
  else stdouts[name] = commandOf(name, spec);
}

function commandOf(name: string, { args, remote: isRemote, secrets = [], after, options }: CommandSpec) {
  const hidden = Object.entries(args).map(([key, value]) => [key, secrets.includes(key) ? secret(value) : value]);
  const taken = after ? { environment: { A: stdouts[after] } } : {};
  const Kind = isRemote ? remote.Command : local.Command;
  return new Kind(name, { ...Object.fromEntries(hidden), ...taken }, options).stdout;
}

function sourceOf(source: SourceSpec): asset.Asset | asset.Archive {
  if ("text" in source) return new asset.StringAsset(source.text);
  return "file" in source ? new asset.FileAsset(source.file) : new asset.FileArchive(source.archive);
}

/** What the command `plain` printed. */
export const printed = stdouts.plain;
