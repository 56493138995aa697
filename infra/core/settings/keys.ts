// Every key of a stack's config: its form and its default. A default stands here and nowhere else.

import * as v from "valibot";
import { isName, isReserved, longestName } from "../names.ts";
import { mostPublishers, mostUpstreams, portBlock } from "../ports.ts";
import { subjectProblem } from "../subjects.ts";
import type { OnceFlag, Stamp } from "../topology.ts";
import { image, natsServer } from "./nats-server-keys.ts";
import { anyMapping, argument, flag, integer, listOf, mapping, milliseconds, oneOf, sentence, text } from "./values.ts";

/** Risks that a run can be told to accept once. */
const onceFlags = [
  "accept-degraded",
  "accept-unfenced",
  "accept-silent",
  "accept-stale",
] as const satisfies readonly OnceFlag[];

const name = v.pipe(
  text(
    isName,
    `is not a name: start with a-z, go on with a-z, 0-9 and -, at most ${longestName} characters, and no word like yes or null`,
  ),
  v.check((value) => !isReserved(value), "is a name that natsby uses itself: choose another one"),
);

/** A name that stands elsewhere too, and is only judged there. */
const reference = text(() => true, "is not a name");

const subject = v.pipe(
  text(() => true, "is not a text: put it in quotes"),
  v.check(
    (value) => subjectProblem(value) === null,
    ({ input }) => `is no NATS subject: it ${subjectProblem(input)}`,
  ),
);

const port = v.optional(v.nullable(integer(1, 65_535, "a port")), null);
const host = v.optional(reference);

const hostExample = '{"address": "192.0.2.1", "hostKey": "ssh-ed25519 AAAA…"}';
const upstreamExample = '{"name": "server0"}';
const generation = v.optional(integer(0, 1_000_000), 0);

const upstream = mapping(
  { name, host, generation, clientPort: port, clusterPort: port, monitorPort: port },
  upstreamExample,
);

const variableName = text(
  (value) => /^[A-Za-z_]\w{0,99}$/.test(value) && !/^NATS(BY)?_/.test(value),
  "is not a variable's name that a publisher can be given: letters, digits and _, and not NATS_… or NATSBY_…, which natsby sets",
);

const user = text((value) => /^[a-z_][a-z0-9_.-]{0,31}$/.test(value), "is not the name of a user");

const publisher = mapping(
  {
    name,
    host,
    image: v.optional(image),
    command: v.optional(
      v.pipe(
        listOf(argument, 1, 1_000, '["python3", "/srv/publisher.py"]'),
        v.check(([program]) => program?.trim() !== "", "names no program: the first entry is empty"),
      ),
    ),
    environment: v.optional(v.pipe(anyMapping('{"LEVEL": "debug"}'), v.record(variableName, argument)), {}),
    user: v.optional(user),
    generation,
    rate: v.optional(integer(1, 10_000, "a whole number of messages a second"), 10),
    clientPort: port,
    monitorPort: port,
  },
  '{"name": "publisher0"}',
);

const hostName = v.pipe(
  text(
    isName,
    `is not a name: start with a-z, go on with a-z, 0-9 and -, at most ${longestName} characters, and no word like yes or null`,
  ),
  v.check((value) => value !== "local", "is the name of the machine that natsby runs on: choose another one"),
);

const hostAddress = text(
  (value) => /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(value),
  "is not an IPv4 address or a DNS name",
);

const publicKey = (from: string) =>
  text(
    (value) => /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d{3}) [A-Za-z0-9+/]{40,2000}={0,3}$/.test(value),
    `is not a host's public key, as in ssh-ed25519 AAAA…: ${from}`,
  );

const engineEntry = mapping(
  {
    engine: text(
      (value) => /^(unix:\/\/\/\S{1,100}|ssh:\/\/([\w.-]+@)?[\w.-]+(:\d{1,5})?)$/.test(value),
      "is not a Docker engine, as in unix:///var/run/docker.sock or ssh://root@192.0.2.1",
    ),
    address: v.optional(hostAddress),
    hostKey: v.optional(publicKey("it is what /etc/ssh/ssh_host_ed25519_key.pub there begins with")),
  },
  '{"engine": "unix:///var/run/docker.sock"}',
);

const sshEntry = mapping(
  {
    address: hostAddress,
    user: v.optional(user, "root"),
    port: v.optional(integer(1, 65_535, "a port"), 22),
    hostKey: publicKey("natsby hosts scan writes it"),
    jump: v.optional(reference),
    serviceManager: v.optional(oneOf(["systemd", "none"])),
  },
  hostExample,
);

/** What stands in an entry says what it is, so that its problems are those of what was meant. */
const hostEntry = v.lazy((entry) =>
  typeof entry === "object" && entry !== null && "engine" in entry ? engineEntry : sshEntry,
);

const stampExample = '{"json": "/seq"} or {"header": "Seq"}';
const stamp = v.pipe(
  mapping(
    {
      header: v.optional(text((value) => /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(value), "is not the name of a header")),
      json: v.optional(
        text(
          (value) => value.length <= 300 && /^(\/([^/~\p{C}]|~[01])*)+$/u.test(value),
          "is not a JSON pointer: write the way to the number with slashes, as in /seq",
        ),
      ),
    },
    stampExample,
  ),
  v.check(
    ({ header, json }) => (header === undefined) !== (json === undefined),
    `names not exactly one place: write ${stampExample}`,
  ),
  v.transform(({ header, json }): Stamp => (header === undefined ? { json: json ?? "" } : { header })),
);

const timeouts = mapping(
  {
    connect: v.optional(milliseconds(), 2_000),
    request: v.optional(milliseconds(), 2_000),
    detach: v.optional(milliseconds(), 2_000),
    stop: v.optional(milliseconds(), 3_000),
    start: v.optional(milliseconds(), 10_000),
    fresh: v.optional(milliseconds(), 2_000),
    attach: v.optional(milliseconds(), 5_000),
    heard: v.optional(milliseconds(), 5_000),
    observe: v.optional(milliseconds(), 2_000),
    host: v.optional(milliseconds()),
    silence: v.optional(milliseconds(), 3_000),
  },
  '{"connect": 2000}',
);

const once = mapping(
  { flag: oneOf(onceFlags), reason: sentence, ticket: integer(1, 2 ** 31) },
  '{"flag": …, "reason": …, "ticket": …}',
);

const dataDir = text(
  (value) => value.length <= 1_000 && /^(\/[^/\p{C}]+)+\/?$/u.test(value) && !/\/\.\.?(\/|$)/.test(value),
  "is not an absolute folder: start with /, without . or .. in it, as in /var/lib/natsby",
);

/** Form of each key. Keys that must be there, or must not, are judged by the rules, together with the others. */
export const keySchemas = {
  platform: v.optional(oneOf(["local", "docker", "ssh"]), "local"),
  link: v.optional(oneOf(["routes", "leaf"]), "routes"),
  activePublisher: v.optional(reference),
  subjects: v.optional(listOf(subject, 1, 1_000, '["test"]'), ["test"]),
  stamp: v.optional(stamp),
  settle: v.optional(milliseconds(0), 50),
  maxLag: v.optional(milliseconds(), 500),
  upstreams: v.optional(listOf(upstream, 1, mostUpstreams, `[${upstreamExample}]`), [
    { name: "server0" },
    { name: "server1" },
  ]),
  publishers: v.optional(listOf(publisher, 2, mostPublishers, '[{"name": "publisher0"}, {"name": "publisher1"}]'), [
    { name: "publisher0" },
    { name: "publisher1" },
  ]),
  hosts: v.optional(v.pipe(anyMapping(`{"web1": ${hostExample}}`), v.record(hostName, hostEntry))),
  sshPrivateKeys: v.optional(v.unknown()),
  dataDir: v.optional(
    v.pipe(
      dataDir,
      v.transform((folder) => folder.replace(/\/$/, "")),
    ),
  ),
  basePort: v.optional(integer(1_024, 65_536 - portBlock, "a port")),
  clusterSecret: v.optional(v.unknown()),
  clusterSecretPrevious: v.optional(v.unknown()),
  fenced: v.optional(listOf(reference, 0, mostUpstreams + mostPublishers, '["publisher0"]'), []),
  once: v.optional(once),
  epoch: v.optional(integer(0, 2 ** 31), 0),
  timeouts: v.optional(timeouts, {}),
  natsServer: v.optional(natsServer, {}),
  allowActiveRestart: v.optional(flag, false),
} as const;

/** Name of a key. */
export type Key = keyof typeof keySchemas;

/** What each key holds once read; undefined where it is absent without a default, or has a problem of its own. */
export type Draft = { readonly [K in Key]?: v.InferOutput<(typeof keySchemas)[K]> | undefined };

/** Keys whose values are secrets. No other key may hold one: Pulumi would hide all of it. */
export const secretKeyNames: ReadonlySet<string> = new Set<Key>([
  "clusterSecret",
  "clusterSecretPrevious",
  "sshPrivateKeys",
]);

/** Keys that hold a list or a mapping: `pulumi config set` without `--path` leaves them as JSON text. */
export const structuredKeys: ReadonlySet<string> = new Set<Key>([
  "subjects",
  "stamp",
  "upstreams",
  "publishers",
  "hosts",
  "fenced",
  "once",
  "timeouts",
  "natsServer",
]);
