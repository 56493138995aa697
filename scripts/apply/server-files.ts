// The files of one server: rendered, tested as a whole by `nats-server -t`, then put in place. Never touches a running process.

import { dirname } from "node:path";
import { authorityOf } from "../../infra/core/certificates.ts";
import { UserError } from "../../infra/core/errors.ts";
import { renderKeysFile } from "../../infra/core/keys-file.ts";
import { fileNames, folderOf, logName } from "../../infra/core/layout.ts";
import { parsePinsFile, renderPinsFile } from "../../infra/core/pins-file.ts";
import { parseListsFile, renderListsFile, type ServerPlan } from "../../infra/core/plan.ts";
import { renderRoleFile } from "../../infra/core/role-file.ts";
import { type ClusterSecret, secretsOf } from "../../infra/core/secrets.ts";
import { serverIdentity, serverPins } from "../../infra/core/server-keys.ts";
import { type PlacedDigests, textDigest, writeApplied } from "../../infra/hosts/applied.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { shownSecret } from "./owner.ts";

const testMs = 10_000;

type Files = Readonly<Record<string, string>>;

/** Whether lists may only grow yet (before a cutover) or are put exactly as planned (after it). */
export type ListsMode = "grow" | "exact";

/** How a server's files are put in place. */
export interface PlaceOptions {
  readonly lists: ListsMode;
  /** Put the role or pins file back to what a new server has: detached, or closed. */
  readonly resetRole: boolean;
  /** Servers linked now: a pins file that is written here does not cut them off. @default none */
  readonly linked?: readonly string[];
  readonly natsServer: string;
}

/** Puts the plan's files in place; says whether anything on disk changed. @throws UserError when nats-server refuses them. */
export async function placeServerFiles(
  host: Host,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  options: PlaceOptions,
): Promise<{ changed: boolean; digest: string }> {
  const folder = folderOf(plan.dataDir, plan.name);
  const rendered = await renderFiles(host, plan, clusterSecret, options.lists);
  const own = await ownFile(host, plan, clusterSecret, options);
  // What the cutover wrote is only tested with the rest: writing it again could undo what it writes meanwhile.
  const changed = await changedFiles(host, folder, own.isNew ? { ...rendered, ...own.file } : rendered);
  if (changed.length > 0) {
    await host.makeFolder(dirname(`${folder}/${logName(plan)}`));
    const all = { ...rendered, ...own.file };
    await testAside(host, folder, all, options.natsServer);
    for (const name of changed) await host.write(`${folder}/${name}`, all[name] ?? "", 0o600);
  }
  await writeApplied(host, { plan, natsServer: options.natsServer, digests: digestsOf(rendered) });
  return { changed: changed.length > 0, digest: await testConfig(host, folder, fileNames.base, options.natsServer) };
}

const digestsOf = (files: Files): PlacedDigests => ({
  keys: textDigest(files[fileNames.keys] ?? ""),
  lists: textDigest(files[fileNames.lists] ?? ""),
});

/** Has nats-server read a config with all it includes, and returns its digest. @throws UserError in nats-server's words. */
export async function testConfig(host: Host, folder: string, file: string, natsServer: string): Promise<string> {
  const { code, stdout, stderr } = await host.run([natsServer, "-t", "-c", file], { cwd: folder, withinMs: testMs });
  const said = `${stdout}${stderr}`.trim();
  const digest = /\((sha256:[0-9a-f]{64})\)/.exec(said)?.[1];
  if (code === 0 && digest !== undefined) return digest;
  throw new UserError(`nats-server refuses ${folder}/${file}: ${said || "no answer in time"}`, {
    code: "config-refused",
    hint: "nothing was changed: the old config runs on",
  });
}

async function renderFiles(
  host: Host,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  lists: ListsMode,
): Promise<Files> {
  const addresses = plan.kind === "upstream" ? [plan.address] : [];
  const shown = lists === "exact" ? clusterSecret : await shownSecret(host, plan.dataDir, clusterSecret);
  const identity = await serverIdentity(shown, plan, plan.name, addresses);
  const present = async (name: string): Promise<string | null> =>
    lists === "exact" ? null : host.read(`${folderOf(plan.dataDir, plan.name)}/${name}`).catch(() => null);
  return {
    [fileNames.ca]: await authoritiesText(clusterSecret, await present(fileNames.ca)),
    [fileNames.certificate]: identity.certificate,
    [fileNames.key]: identity.key,
    [fileNames.keys]: renderKeysFile(plan, clusterSecret, await present(fileNames.keys)),
    [fileNames.lists]: await listsText(host, plan, lists),
    [fileNames.base]: plan.base,
  };
}

/** Whose certificates are believed: those of every secret, and of what is there, which others may still show. */
async function authoritiesText(clusterSecret: ClusterSecret, present: string | null): Promise<string> {
  const wanted = await Promise.all(secretsOf(clusterSecret).map(authorityOf));
  const kept = present?.match(/-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n/g) ?? [];
  return [...new Set([...wanted, ...kept])].join("");
}

/** Expand before the cutover, contract after it: what a change takes away must still work until then. */
async function listsText(host: Host, { dataDir, name, list }: ServerPlan, mode: ListsMode): Promise<string> {
  const present = mode === "grow" ? await host.read(`${folderOf(dataDir, name)}/${fileNames.lists}`) : null;
  const kept = present === null ? [] : parseListsFile(present).filter((value) => !list.values.includes(value));
  return renderListsFile({ ...list, values: [...list.values, ...kept] });
}

/** The role or pins file belongs to the cutover: it is written here only where there is none, or no sound one. */
async function ownFile(
  host: Host,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  { resetRole, linked = [] }: PlaceOptions,
): Promise<{ file: Files; isNew: boolean }> {
  const { kind, name, dataDir, upstreams } = plan;
  const file = kind === "upstream" ? fileNames.pins : fileNames.role;
  const present = await host.read(`${folderOf(dataDir, name)}/${file}`).catch(() => null);
  const keep = present !== null && !resetRole && (kind === "dummy" || hasOwnKeys(plan, present, clusterSecret));
  if (keep) return { file: { [file]: present }, isNew: false };
  const pins = [...new Set([...upstreams, ...linked])].flatMap((server) =>
    serverPins(clusterSecret, plan, server).map((fingerprint) => ({ server, fingerprint })),
  );
  const text =
    kind === "dummy"
      ? renderRoleFile({ dummy: name, routes: [], epoch: 0 })
      : renderPinsFile({ upstream: name, pins, epoch: 0 });
  return { file: { [file]: text }, isNew: true };
}

/**
 * A broken pins file would stop the server from starting; a name with another's key lets a stranger in. A key besides its own
 * is of the secret before this one, or a stranger's: the cutover takes it out.
 */
function hasOwnKeys(plan: ServerPlan, text: string, clusterSecret: ClusterSecret): boolean {
  const pins = parsePinsFile(text);
  const own = (server: string) => serverPins(clusterSecret, plan, server);
  const pinned = Map.groupBy(pins ?? [], ({ server }) => server);
  return (
    pins !== null &&
    [...pinned].every(([server, keys]) => keys.some(({ fingerprint }) => own(server).includes(fingerprint)))
  );
}

async function changedFiles(host: Host, folder: string, files: Files): Promise<string[]> {
  const compared = await Promise.all(
    Object.entries(files).map(async ([name, text]) => [
      name,
      (await host.read(`${folder}/${name}`).catch(() => null)) !== text,
    ]),
  );
  return compared.filter(([, differs]) => differs).map(([name]) => name as string);
}

/** Tests the new files together, in a folder of their own beside the real one. */
async function testAside(host: Host, folder: string, files: Files, natsServer: string): Promise<void> {
  const aside = `${folder}.next`;
  await host.remove(aside);
  await host.makeFolder(aside);
  try {
    await Promise.all(Object.entries(files).map(([name, text]) => host.write(`${aside}/${name}`, text, 0o600)));
    await testConfig(host, aside, fileNames.base, natsServer);
  } finally {
    await host.remove(aside);
  }
}
