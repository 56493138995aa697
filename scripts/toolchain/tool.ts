// What a tool is, and how one is had from the first source that works. Knows no tool by itself.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import type { OnProgress } from "./progress.ts";

/** Where a tool came from. */
export type Source =
  /** On PATH before natsby: used as it is. */
  | "PATH"
  /** Named by a variable in the environment. */
  | "environment"
  /** A package in node_modules. */
  | "npm"
  /** In natsby's cache, put there by hand. */
  | "cache"
  /** In natsby's cache, from the vendor's download. */
  | "download"
  /** In natsby's cache, built from the vendor's Go modules or, for a stand-in, from natsby's own. */
  | "build"
  /** A stand-in that is part of natsby. */
  | "natsby"
  /** In the user's own PULUMI_HOME. */
  | "pulumi-home"
  /** Pulumi fetches it by itself when it is first needed. */
  | "pulumi";

/** A tool that is there and works. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly source: Source;
  /** Whether this is natsby's replacement of a piece that cannot be had as Go modules. */
  readonly standIn: boolean;
}

/** A source that was looked at, and why it did not serve. */
export interface Passed {
  readonly source: string;
  readonly reason: string;
}

/** A tool that is not there, and where it was looked for. */
export interface Missing {
  readonly name: string;
  readonly version: string;
  readonly passed: readonly Passed[];
}

/** What a look at the machine says about a tool. */
export type Found = Tool | Missing;

/** Whether a tool is there. */
export const isTool = (found: Found): found is Tool => "path" in found;

/** One way to bring a tool that is missing; rejects with the reason where it does not work. */
export interface Way {
  readonly source: string;
  bring(): Promise<void>;
}

/** Tries the ways in order until one works; a tool that no way brings is an error that names them all. */
export async function bring(missing: Missing, ways: readonly Way[], onProgress: OnProgress): Promise<void> {
  const passed: Passed[] = [...missing.passed];
  for (const { source, reason } of passed) onProgress({ kind: "passed", tool: missing.name, source, reason });
  for (const way of ways) {
    try {
      return await way.bring();
    } catch (error) {
      if (error instanceof UserError && error.code === "disk-full") throw error;
      const reason = messageOf(error);
      passed.push({ source: way.source, reason });
      onProgress({ kind: "passed", tool: missing.name, source: way.source, reason: reason.split("\n")[0] ?? reason });
    }
  }
  throw nowhere({ ...missing, passed });
}

function nowhere({ name, version, passed }: Missing): UserError {
  const tried = passed.map(({ source, reason }) => `  ${source}: ${reason.replaceAll("\n", "\n    ")}`);
  return new UserError([`${name} ${version} could not be had from any source:`, ...tried].join("\n"), {
    code: "tool-missing",
    hint: `Put ${name} ${version} on PATH, or install Go (https://go.dev/dl) where package mirrors can be reached; then: npm start`,
  });
}
