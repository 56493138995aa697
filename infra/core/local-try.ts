// Tells a local try whose servers lie in another folder: a checkout that was copied with its `.natsby`. Its `pulumi up`, and
// above all its `pulumi destroy`, would be the other one's. Pure.

import { UserError } from "./errors.ts";

/** The folder whose local try this backend is; null for any other backend, which clones may share. */
function localTryOf(backend: string | undefined): string | null {
  return /^file:\/\/(.+)\/\.natsby\/state\/?(\?.*)?$/.exec(backend ?? "")?.[1] ?? null;
}

/** Whether `dataDir` is not below the folder whose local try the backend is. */
export function liesElsewhere(dataDir: string, backend: string | undefined): boolean {
  const folder = localTryOf(backend);
  return folder !== null && !dataDir.startsWith(`${folder}/.natsby/`);
}

/** @throws UserError where the stack's servers lie in another folder of this machine. */
export function refuseForeignFolder(
  stack: string,
  { dataDir, hosts, engines }: { readonly dataDir: string; readonly hosts?: unknown; readonly engines?: unknown },
  backend: string | undefined,
): void {
  if (hosts !== undefined || engines !== undefined || !liesElsewhere(dataDir, backend)) return;
  throw new UserError(`dataDir ${dataDir} belongs to another folder's stack; this folder is ${localTryOf(backend)}`, {
    code: "foreign-folder",
    hint: `natsby init ${stack} --fresh gives this one its own`,
  });
}
