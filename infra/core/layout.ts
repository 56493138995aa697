// Where each file of a stack lies on its host. Pure: it joins text and touches no disk.

/** Names of the files in a server's folder. */
export const fileNames = {
  /** The base config: no secret, no list that a flip changes. */
  base: "nats.conf",
  /** Passwords and pins, as variables. Mode 0600. */
  keys: "keys.conf",
  /** Lists that grow before a cutover and shrink after it: mesh routes, subjects. */
  lists: "lists.conf",
  /** A dummy's role file: written by the cutover alone. */
  role: "role.conf",
  /** An upstream's pins file: written by the cutover alone. */
  pins: "pins.conf",
  ca: "ca.pem",
  certificate: "cert.pem",
  key: "key.pem",
  log: "server.log",
} as const;

/**
 * A server's log, below its folder. On a host of its own it is all that the server may write to: a folder for it, since nats-server
 * renames its log as it grows.
 */
export const logName = ({ host }: { readonly host?: string }): string =>
  host === undefined ? fileNames.log : `log/${fileNames.log}`;

/** Folder of one server or publisher below the stack's data folder. */
export const folderOf = (dataDir: string, name: string): string => `${dataDir}/${name}`;

/** A file in a server's folder. */
export const fileOf = (dataDir: string, name: string, file: keyof typeof fileNames): string =>
  `${dataDir}/${name}/${fileNames[file]}`;

/** Where a stack's files lie in each of its containers: a folder of natsby's images, which their user may write to. */
export const containerFolder = "/natsby";

/** Where nats-server is in natsby's images. */
export const natsServerInImage = "/nats-server";

/** Where the nats-server of a version is brought to on a host of its own. */
export const natsServerThere = (dataDir: string, version: string): string => `${dataDir}/bin/nats-server-${version}`;

/** Files that belong to the whole stack on a host. */
export const stackFiles = {
  /** Highest ticket and epoch this host has seen. */
  guard: "guard.json",
  /** What cutovers did, a JSON line each. */
  history: "history.jsonl",
  /** Who was heard before a roll that ends with a flip back. */
  roll: "roll.json",
  /** Why, and until when, who is heard may not change. */
  pause: "paused.json",
  /** Who owns this folder. */
  owner: "natsby.json",
} as const;

/** The variable in a process's environment by which natsby finds its own processes again: never a pid file. */
export const processMarker = "NATSBY_PROCESS";
