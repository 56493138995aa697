// The files of one server: rendered, tested as a whole by `nats-server -t`, then put in place. Never touches a running process.

import { mkdir, rm } from "node:fs/promises";
import { issueIdentity, pinOf } from "../../infra/core/certificates.ts";
import { UserError } from "../../infra/core/errors.ts";
import { fileNames, folderOf } from "../../infra/core/layout.ts";
import { parsePinsFile, renderPinsFile } from "../../infra/core/pins-file.ts";
import { parseListsFile, renderKeysFile, renderListsFile, type ServerPlan } from "../../infra/core/plan.ts";
import { renderRoleFile } from "../../infra/core/role-file.ts";
import { writeApplied } from "../../infra/hosts/applied.ts";
import { readText, writeText } from "../../infra/hosts/local.ts";
import { runProgram } from "../../infra/hosts/run-program.ts";

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
  plan: ServerPlan,
  clusterSecret: string,
  options: PlaceOptions,
): Promise<{ changed: boolean; digest: string }> {
  const folder = folderOf(plan.dataDir, plan.name);
  const rendered = await renderFiles(plan, clusterSecret, options.lists);
  const own = await ownFile(plan, clusterSecret, options);
  // What the cutover wrote is only tested with the rest: writing it again could undo what it writes meanwhile.
  const changed = await changedFiles(folder, own.isNew ? { ...rendered, ...own.file } : rendered);
  if (changed.length > 0) {
    const all = { ...rendered, ...own.file };
    await testAside(folder, all, options.natsServer);
    for (const name of changed) await writeText(`${folder}/${name}`, all[name] ?? "", 0o600);
  }
  await writeApplied({ plan, natsServer: options.natsServer });
  return { changed: changed.length > 0, digest: await testConfig(folder, fileNames.base, options.natsServer) };
}

/** Has nats-server read a config with all it includes, and returns its digest. @throws UserError in nats-server's words. */
export async function testConfig(folder: string, file: string, natsServer: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram([natsServer, "-t", "-c", file], { cwd: folder, withinMs: testMs });
  const said = `${stdout}${stderr}`.trim();
  const digest = /\((sha256:[0-9a-f]{64})\)/.exec(said)?.[1];
  if (code === 0 && digest !== undefined) return digest;
  throw new UserError(`nats-server refuses ${folder}/${file}: ${said || "no answer in time"}`, {
    code: "config-refused",
    hint: "nothing was changed: the old config runs on",
  });
}

async function renderFiles(plan: ServerPlan, clusterSecret: string, lists: ListsMode): Promise<Files> {
  const addresses = plan.kind === "upstream" ? [plan.address] : [];
  const identity = await issueIdentity(clusterSecret, plan.name, addresses);
  return {
    [fileNames.ca]: identity.ca,
    [fileNames.certificate]: identity.certificate,
    [fileNames.key]: identity.key,
    [fileNames.keys]: renderKeysFile(plan, clusterSecret),
    [fileNames.lists]: await listsText(plan, lists),
    [fileNames.base]: plan.base,
  };
}

/** Expand before the cutover, contract after it: what a change takes away must still work until then. */
async function listsText({ dataDir, name, list }: ServerPlan, mode: ListsMode): Promise<string> {
  const present = mode === "grow" ? await readText(`${folderOf(dataDir, name)}/${fileNames.lists}`) : null;
  const kept = present === null ? [] : parseListsFile(present).filter((value) => !list.values.includes(value));
  return renderListsFile({ ...list, values: [...list.values, ...kept] });
}

/** The role or pins file belongs to the cutover: it is written here only where there is none, or no sound one. */
async function ownFile(
  plan: ServerPlan,
  clusterSecret: string,
  { resetRole, linked = [] }: PlaceOptions,
): Promise<{ file: Files; isNew: boolean }> {
  const { kind, name, dataDir, upstreams } = plan;
  const file = kind === "upstream" ? fileNames.pins : fileNames.role;
  const present = await readText(`${folderOf(dataDir, name)}/${file}`).catch(() => null);
  const keep = present !== null && !resetRole && (kind === "dummy" || hasOwnKeys(present, clusterSecret));
  if (keep) return { file: { [file]: present }, isNew: false };
  const pins = [...new Set([...upstreams, ...linked])].map((server) => ({
    server,
    fingerprint: pinOf(clusterSecret, server),
  }));
  const text =
    kind === "dummy"
      ? renderRoleFile({ dummy: name, routes: [], epoch: 0 })
      : renderPinsFile({ upstream: name, pins, epoch: 0 });
  return { file: { [file]: text }, isNew: true };
}

/** A broken pins file would stop the server from starting; a name with another's key lets a stranger in. */
function hasOwnKeys(text: string, clusterSecret: string): boolean {
  const pins = parsePinsFile(text);
  return pins?.every(({ server, fingerprint }) => fingerprint === pinOf(clusterSecret, server)) === true;
}

async function changedFiles(folder: string, files: Files): Promise<string[]> {
  const compared = await Promise.all(
    Object.entries(files).map(async ([name, text]) => [
      name,
      (await readText(`${folder}/${name}`).catch(() => null)) !== text,
    ]),
  );
  return compared.filter(([, differs]) => differs).map(([name]) => name as string);
}

/** Tests the new files together, in a folder of their own beside the real one. */
async function testAside(folder: string, files: Files, natsServer: string): Promise<void> {
  const aside = `${folder}.next`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true, mode: 0o700 });
  try {
    for (const [name, text] of Object.entries(files)) await writeText(`${aside}/${name}`, text, 0o600);
    await testConfig(aside, fileNames.base, natsServer);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
