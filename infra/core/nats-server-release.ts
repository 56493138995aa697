// Where a release of nats-server lies on the web, and for which machines there is one. Pure.

/** Where it comes from, and what it must be, where the config says so. */
export interface NatsServerSource {
  /** A folder on the web with the same files as the vendor's releases: `<url>/v2.15.2/nats-server-v2.15.2-linux-amd64.tar.gz`. */
  readonly downloadUrl?: string;
  /** Of the archives, by architecture as the vendor calls it. @default what the release's own SHA256SUMS says */
  readonly sha256?: Readonly<Record<string, string>>;
}

/** One archive. */
export interface NatsServerRelease {
  readonly archive: string;
  readonly url: string;
  /** The file that has its checksum. */
  readonly sums: string;
}

const vendors = "https://github.com/nats-io/nats-server/releases/download";

/** The archive of a version for Linux on an architecture. */
export function releaseOf(version: string, arch: string, downloadUrl: string = vendors): NatsServerRelease {
  const folder = `${downloadUrl.replace(/\/+$/, "")}/v${version}`;
  const archive = `nats-server-v${version}-linux-${arch}.tar.gz`;
  return { archive, url: `${folder}/${archive}`, sums: `${folder}/SHA256SUMS` };
}

/** The architectures that the vendor releases for, by what `uname -sm` says. */
const architectures: Readonly<Record<string, string>> = {
  "Linux x86_64": "amd64",
  "Linux aarch64": "arm64",
  "Linux armv7l": "arm7",
  "Linux armv6l": "arm6",
  "Linux i686": "386",
  "Linux s390x": "s390x",
  "Linux ppc64le": "ppc64le",
};

/** As the vendor calls it; null for a machine that it releases nothing for. */
export const archOf = (machine: string): string | null => architectures[machine] ?? null;

/** Those that a config may name. */
export const knownArchitectures: readonly string[] = Object.values(architectures);
