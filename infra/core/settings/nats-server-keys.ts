// The form of `natsServer`: which version runs, and where hosts of their own, or containers, get it from.

import * as v from "valibot";
import { knownArchitectures } from "../nats-server-release.ts";
import { anyMapping, mapping, text } from "./values.ts";

const version = text(
  (value) => /^\d{1,4}\.\d{1,4}\.\d{1,4}(-[\w.]{1,30})?$/.test(value),
  "is not a version like 2.15.2",
);

const url = text(
  (value) => /^https?:\/\/[\w.-]+(:\d{1,5})?(\/[\w.~%+@:/-]*)?$/.test(value),
  "is not the address of a folder on the web, as in https://mirror.example.com/nats-server",
);

const sha256 = v.optional(
  v.pipe(
    anyMapping('{"amd64": "9f86d0…"}'),
    v.record(
      text((value) => knownArchitectures.includes(value), `is none of ${knownArchitectures.join(", ")}`),
      text((value) => /^[0-9a-f]{64}$/.test(value), "is not a SHA-256: 64 digits of 0-9 and a-f"),
    ),
  ),
);

/** The name of a container's image. */
export const image = text(
  (value) => /^[a-z0-9][\w./:@-]{0,254}$/.test(value),
  "is not the name of an image, as in registry/name:tag",
);

/** The mapping. */
export const natsServer = mapping(
  { version: v.optional(version, "2.15.2"), image: v.optional(image), downloadUrl: v.optional(url), sha256 },
  '{"version": "2.15.2"}',
);
