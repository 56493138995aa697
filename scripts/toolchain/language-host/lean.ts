// Loaded into a program before Pulumi's SDK: what the SDK loads at its start and a natsby program never uses waits until it
// is used. That halves the time of the start. The program runs as it is written, so no stack needs a source map either.

import Module from "node:module";
import { sep } from "node:path";

type Load = (id: string, parent: { readonly filename?: string } | undefined, isMain: boolean) => unknown;

/** For functions that are serialised (dynamic providers): a compiler, and npm's reader of dependencies. */
const untilUsed: ReadonlySet<string> = new Set(["typescript", "@npmcli/arborist"]);
/** Reads a map beside each of the SDK's files whenever a resource notes where it was made. */
const never = "source-map-support/register";

const sdk = ["", "node_modules", "@pulumi", "pulumi", ""].join(sep);
const loader = Module as unknown as { _load: Load };
const load = loader._load;

loader._load = (id, parent, isMain) => {
  if (!parent?.filename?.includes(sdk)) return load(id, parent, isMain);
  if (id === never) return {};
  return untilUsed.has(id) ? whenUsed(() => load(id, parent, isMain)) : load(id, parent, isMain);
};

/** Stands for a module that is loaded when something of it is asked for. */
function whenUsed(loadIt: () => unknown): object {
  let real: object | undefined;
  const loaded = (): object => {
    real ??= loadIt() as object;
    return real;
  };
  return new Proxy(
    {},
    {
      // As a module of its own kind it is used as it is: otherwise all its names would be copied at once.
      get: (_, name) => (name === "__esModule" ? true : Reflect.get(loaded(), name)),
      has: (_, name) => Reflect.has(loaded(), name),
    },
  );
}
