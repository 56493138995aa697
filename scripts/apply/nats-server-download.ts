// Has a host download a release of nats-server itself, checked before anything of it is unpacked. What a killed run left is overwritten.

import { UserError } from "../../infra/core/errors.ts";
import type { NatsServerRelease } from "../../infra/core/nats-server-release.ts";
import type { Host } from "../../infra/hosts/host.ts";

/** For some 7 MB on a slow road. */
const downloadMs = 180_000;
/** What the script ends with where what came is not what it should be. */
const otherCode = 65;

/** $1 url, $2 checksum, $3 where it goes. A road that is not there is told within seconds. */
const script = `set -e
file=$3.next.tar.gz; rm -rf -- "$file" "$3.next.d"; mkdir -p -- "\${3%/*}"
trap 'rm -rf -- "$file" "$3.next.d"' EXIT
if command -v curl >/dev/null; then curl -fsSL --connect-timeout 5 --retry 2 -o "$file" -- "$1"
else wget -q -T 10 -O "$file" "$1" || { echo "wget cannot fetch $1" >&2; exit 1; }; fi
sum=$(sha256sum <"$file"); sum=\${sum%% *}
[ "$sum" = "$2" ] || { echo "$sum"; exit ${otherCode}; }
mkdir -- "$3.next.d"; tar -xzf "$file" -C "$3.next.d"
mv -f -- "$3.next.d"/*/nats-server "$3.next"; chmod 755 -- "$3.next"
"$3.next" --version >/dev/null
own=$(sha256sum <"$3.next")
printf '%s %s\\n' "\${own%% *}" "$1" >"$3.sha256.next"; mv -f -- "$3.sha256.next" "$3.sha256"
sync; mv -f -- "$3.next" "$3"`;

/** @throws UserError where it is another file than the checksum says; an Error where the host cannot fetch it. */
export async function downloadThere(
  host: Host,
  { archive, url }: NatsServerRelease,
  sha256: string,
  path: string,
): Promise<void> {
  const argv = ["sh", "-c", script, "sh", url, sha256, path] as const;
  const { code, stdout, stderr, timedOut } = await host.run(argv, { withinMs: downloadMs });
  if (code === 0) return;
  if (timedOut) throw new Error(`gave up after ${downloadMs / 1000} s waiting for ${url}`);
  if (code !== otherCode) throw new Error(stderr.trim().split("\n").at(-1) ?? `it ended with ${code}`);
  throw new UserError(
    `host ${host.name}: what ${url} gives is not what it should be: SHA-256 ${stdout.trim()}, not ${sha256}`,
    {
      code: "tool-missing",
      hint: `see what is there: curl -I ${url}; NATSBY_OFFLINE=1 has this machine's copied there instead of ${archive}`,
    },
  );
}
