// The system user of a unit: made with it, gone with its folder. Pure: scripts. It owns nothing but its log or its state; what it
// reads is root's, and its group's to read.

import { createHash } from "node:crypto";
import type { StartOptions } from "../host.ts";
import { word } from "./quote.ts";

/** Its comment in /etc/passwd: a user of this name that somebody else made is never taken away. */
const comment = "made by natsby";

/** Longer names are refused by Linux. */
const longestUser = 31;

/** The name of a unit without its ending: also of its user, and of its folder in /var/lib. */
export const baseOf = (unit: string): string => unit.replace(/\.service$/, "");

/** The user that is a unit's own. */
function ownUserOf(unit: string): string {
  const name = baseOf(unit);
  if (name.length <= longestUser && /^[a-z][a-z0-9_-]*$/.test(name)) return name;
  return `natsby-${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
}

/** Whom a unit runs as; null: natsby's own user. */
export const userOf = (unit: string, { as }: Pick<StartOptions, "as">): string | null =>
  as === undefined ? null : ((as.kind === "publisher" ? as.user : undefined) ?? ownUserOf(unit));

/** The place for what a program keeps. */
const stateFolderOf = (unit: string): string => `/var/lib/${baseOf(unit)}`;

/** Makes the user where it is to be made, and gives it the folder that it starts in; nothing where it runs as natsby does. */
export function giveFolder(unit: string, start: StartOptions, dataDir: string): string {
  const user = userOf(unit, start);
  if (user === null) return ":";
  const isOwn = user === ownUserOf(unit);
  return [
    isOwn ? makeUser(unit, user) : requireUser(user),
    ...[`group=$(id -g ${word(user)})`, `at=${word(start.cwd)}`],
    'chgrp "$group" "$at" && chmod 2750 "$at" || exit 1',
    // Only root writes here, so nothing here is a link to what is not to be given.
    'for file in "$at"/*; do if [ -f "$file" ] && [ ! -L "$file" ]; then chgrp "$group" "$file" && chmod g+r "$file" || exit 1; fi; done',
    ...(start.as?.kind === "server" ? [giveLog(user)] : []),
    letThrough(user, start.cwd, dataDir),
  ].join("\n");
}

/** A server renames its log as it grows, so the folder is its own; one that root wrote to, before it had a user, with all in it. */
const giveLog = (user: string): string =>
  `mkdir -p "$at/log" && { [ ! -O "$at/log" ] || chown -Rh ${word(user)}: "$at/log"; } && chmod 0750 "$at/log" || exit 1`;

/**
 * Sets `become` to the command that gives up root's rights; to none where natsby is not root there, or the host has no util-linux: then
 * it runs as natsby does.
 */
export function becomeUser(unit: string, start: StartOptions, dataDir: string): string {
  const user = userOf(unit, start);
  if (user === null) return "become=";
  const port = start.as?.kind === "server" && start.as.lowPorts ? ",+net_bind_service" : "";
  const ambient = port === "" ? "" : "--ambient-caps=+net_bind_service";
  const rights = `--clear-groups --no-new-privs --inh-caps=-all${port} ${ambient} --bounding-set=-all${port}`;
  return [
    'if [ "$(id -u)" = 0 ] && command -v useradd >/dev/null && setpriv --reuid=0 true 2>/dev/null; then',
    giveFolder(unit, start, dataDir),
    `become="setpriv --reuid=${user} --regid=$group ${rights}"`,
    "else become=; fi",
  ].join("\n");
}

/** Several at once wait for each other: they write one file. */
function makeUser(unit: string, user: string): string {
  const words = `--system --user-group --no-create-home --home-dir ${stateFolderOf(unit)} --shell "$shell" --comment '${comment}'`;
  return [
    "shell=$(command -v nologin || echo /bin/false); tries=0",
    `until id -u ${user} >/dev/null 2>&1; do`,
    `if command -v useradd >/dev/null 2>&1; then said=$(useradd ${words} ${user} 2>&1)`,
    `elif command -v systemd-sysusers >/dev/null 2>&1; then said=$(printf '%s\\n' 'u ${user} - "${comment}" ${stateFolderOf(unit)}' | systemd-sysusers - 2>&1)`,
    `else said="neither useradd nor systemd-sysusers is there"; tries=50; fi`,
    `tries=$((tries+1)); [ $tries -le 50 ] || { echo "the user ${user} cannot be made: $said" >&2; exit 1; }; sleep 0.1 2>/dev/null || sleep 1`,
    "done",
  ].join("\n");
}

const requireUser = (user: string): string =>
  `id -u -- ${word(user)} >/dev/null 2>&1 || { echo ${word(`the host has no user ${user}: make it there (useradd --system ${user}), or take \`user\` out of the publisher's config`)} >&2; exit 1; }`;

/** The stack's own folders let everybody through, and show nobody what is in them; the ones above are not natsby's to open. */
function letThrough(user: string, cwd: string, dataDir: string): string {
  const hint = `${user} cannot reach ${cwd}: nobody but root may enter $up: chmod o+x $up there, or give the stack another dataDir`;
  return [
    `chmod 0711 ${word(dataDir)}; [ ! -d ${word(`${dataDir}/bin`)} ] || chmod 0711 ${word(`${dataDir}/bin`)}`,
    `up=${word(dataDir)}; while up=\${up%/*}; [ -n "$up" ]; do`,
    `case $(ls -ld -- "$up/") in ?????????[xt]*) ;; *) echo "${hint.replaceAll(/["`\\]|\$(?!up)/g, "\\$&")}" >&2; exit 1 ;; esac; done`,
  ].join("\n");
}

/** Takes the unit's own user and what it kept away; also where there is none. */
export function removeUser(unit: string): string {
  const user = ownUserOf(unit);
  const remove = `{ if command -v userdel >/dev/null 2>&1; then userdel ${user}; else deluser ${user}; fi; } >/dev/null 2>&1`;
  return `if grep '^${user}:' /etc/passwd | grep -qF ':${comment}:'; then ${remove} || :; fi; rm -rf -- ${stateFolderOf(unit)}`;
}
