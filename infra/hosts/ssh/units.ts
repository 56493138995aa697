// systemd units of natsby's servers and publishers: they start with their host, and again whenever they end. Pure: texts and scripts.

import { processMarker } from "../../core/layout.ts";
import type { StartOptions } from "../host.ts";
import { writeScript } from "./files.ts";
import { hardening } from "./hardening.ts";
import { printed, word } from "./quote.ts";
import { baseOf, becomeUser, giveFolder, removeUser, userOf } from "./users.ts";

const folder = "/etc/systemd/system";

/** Whether systemd runs the host, and natsby may give it units. */
export const hasSystemd = '[ -d /run/systemd/system ] && [ "$(id -u)" = 0 ]';

/** The name of a server's or publisher's unit. */
export const unitName = (stack: string, name: string): string => `natsby-${stack}-${name}.service`;

/** Writes the unit, starts it, and prints its pid; ends with 1 where the program cannot be executed, and leaves no unit then. */
export function startUnit(unit: string, options: StartOptions, dataDir: string): string {
  const secrets = `${dataDir}/${options.name}/environment`;
  const start = `systemctl daemon-reload && systemctl enable --quiet ${unit} && systemctl restart ${unit}`;
  return [
    giveFolder(unit, options, dataDir),
    // Systemd alone reads it.
    `${writeScript(secrets, environmentText(options, dataDir), 0o600)} && chmod 0600 ${word(secrets)} || exit 1`,
    `${writeScript(`${folder}/${unit}`, unitText(unit, options, secrets), 0o644)} || exit 1`,
    `if ${start} >&2; then systemctl show --property MainPID --value ${unit}`,
    `else systemctl status --no-pager --lines 3 ${unit} >&2; ${removeUnit(unit)}; exit 1; fi`,
  ].join("\n");
}

/** Ends with 1 unless this process is the unit's. */
export const hasUnit = (unit: string, pid: number): string =>
  `[ -e ${folder}/${unit} ] && [ "$(systemctl show --property MainPID --value ${unit})" = ${pid} ] || exit 1`;

/** Ends it by a signal, without waiting; it is not started again. */
export const stopUnit = (unit: string, signal: NodeJS.Signals): string =>
  `systemctl stop --no-block ${unit}; systemctl kill --signal ${signal} ${unit}`;

/** Takes a unit away, and what it runs; also where there is none. */
export function removeUnit(unit: string): string {
  const gone = `systemctl disable --quiet --now ${unit} && rm -f ${folder}/${unit} && systemctl daemon-reload`;
  return `if [ -e ${folder}/${unit} ]; then ${gone}; systemctl reset-failed ${unit} 2>/dev/null || :; fi`;
}

/** Takes all of it away: the unit, and the user that was made for it. */
export const forgetUnit = (unit: string): string => `${removeUnit(unit)}\n${removeUser(unit)}`;

/** A unit whose folder was removed starts no more. */
function unitText(unit: string, options: StartOptions, secrets: string): string {
  const { name, argv, as, cwd, output } = options;
  const rights = hardening(as, userOf(unit, options), quoted(`${cwd}/log`), specifiers(baseOf(unit)));
  return `# Written by natsby: what is changed here is lost. \`systemctl edit\` adds to it.
[Unit]
Description=natsby ${name}
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0
ConditionPathIsDirectory=${specifiers(cwd)}

[Service]
Type=exec
ExecStart=${argv.map(argument).join(" ")}
WorkingDirectory=${specifiers(cwd)}
EnvironmentFile=${specifiers(secrets)}
StandardOutput=append:${specifiers(output)}
StandardError=append:${specifiers(output)}
Restart=always
RestartSec=1
TimeoutStopSec=30
LimitNOFILE=65536
${as?.kind === "server" ? "ExecReload=/bin/kill -s HUP $MAINPID\n" : ""}${rights.join("\n")}

[Install]
WantedBy=multi-user.target
`;
}

/** In a list of paths. */
const quoted = (path: string): string => `"${specifiers(path).replaceAll(/[\\"]/g, "\\$&")}"`;

const specifiers = (text: string): string => text.replaceAll("%", "%%");

function argument(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("$", "$$$$");
  return `"${specifiers(escaped.replaceAll(/[^\P{Cc}\u0080-\u009f]/gu, inHex))}"`;
}

const inHex = (char: string): string => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

function environmentText({ name, environment }: StartOptions, dataDir: string): string {
  const all = { ...environment, [processMarker]: `${dataDir}/${name}` };
  return Object.entries(all)
    .map(([key, value]) => `${key}="${value.replaceAll(/[\\"`$]/g, "\\$&")}"\n`)
    .join("");
}

/**
 * Starts it without systemd: in a session of its own, on nobody's terminal. It does not come back by itself. Its user is its own all
 * the same where the host has what makes one and becomes one.
 */
export function startDetached(unit: string, options: StartOptions, dataDir: string): string {
  const { name, argv, cwd, output } = options;
  const all = { ...options.environment, [processMarker]: `${dataDir}/${name}` };
  const exports = Object.entries(all).map(
    ([key, value]) => `${key}=$(${printed(value)}; echo .); ${key}=\${${key}%.}; export ${key}`,
  );
  const [program] = argv;
  return [
    becomeUser(unit, options, dataDir),
    `cd -- ${word(cwd)} || exit 1`,
    `command -v -- ${word(program)} >/dev/null || { echo ${word(`${program} cannot be executed`)} >&2; exit 1; }`,
    ...exports,
    "detached=$(command -v setsid)",
    `$detached $become ${argv.map(word).join(" ")} </dev/null >>${word(output)} 2>&1 9>&- & echo $!`,
  ].join("\n");
}
