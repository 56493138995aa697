// Finds Pulumi's language host for Node, or puts natsby's stand-in beside a CLI that natsby built; never beside another.

import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isScript } from "./binary.ts";
import { languageHostWrapper } from "./language-host/wrapper.ts";
import { originOf } from "./origin.ts";
import { cachedPulumiBin, isExecutable, onPath, pulumiHomeOf, pulumiVersion, type Variables } from "./paths.ts";
import { inWorkFolder, placeExecutable } from "./place.ts";
import type { Found, Way } from "./tool.ts";

/** The file that Pulumi looks for. */
export const wrapperName = "pulumi-language-nodejs";

/** The language host that a user's own CLI finds: beside its real file, on PATH, or among its plugins. */
export function officialHostFor(pulumi: string, env: Variables): string | undefined {
  const plugins = join(pulumiHomeOf(env), "plugins");
  const folders = existsSync(plugins)
    ? readdirSync(plugins).filter((name) => name.startsWith("language-nodejs-v"))
    : [];
  const beside = join(dirname(realpathSync(pulumi)), wrapperName);
  const inPlugins = folders.map((folder) => join(plugins, folder, wrapperName));
  return [beside, ...onPath(wrapperName, env), ...inPlugins].find((path) => isExecutable(path) && !isScript(path));
}

/** Looks where the CLI that was found will look. */
export function findLanguageHost(pulumi: Found, env: Variables): Found {
  const tool = { name: wrapperName, version: pulumiVersion };
  const own = "source" in pulumi && pulumi.source === "PATH" ? officialHostFor(pulumi.path, env) : undefined;
  if (own && "path" in pulumi) return { ...tool, version: pulumi.version, path: own, source: "PATH", standIn: false };
  const path = join(cachedPulumiBin(env), wrapperName);
  if (!isExecutable(path)) return { ...tool, passed: [{ source: "the cache", reason: `there is no ${path}` }] };
  if (!isScript(path)) return { ...tool, path, source: originOf(dirname(dirname(path))), standIn: false };
  if (readFileSync(path, "utf8") === languageHostWrapper()) return { ...tool, path, source: "natsby", standIn: true };
  return { ...tool, passed: [{ source: "the cache", reason: `${path} belongs to another natsby` }] };
}

/** The one way to bring the language host: natsby's stand-in, beside the CLI in natsby's cache. */
export function waysToLanguageHost(env: Variables): readonly Way[] {
  const bring = (): Promise<void> =>
    inWorkFolder(env, async (folder) => {
      const made = join(folder, wrapperName);
      writeFileSync(made, languageHostWrapper());
      placeExecutable(made, join(cachedPulumiBin(env), wrapperName));
    });
  return [{ source: "natsby", bring }];
}
