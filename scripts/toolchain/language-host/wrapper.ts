// The file that Pulumi's CLI starts as its language host. It only writes a text; who places it decides where.

/**
 * A script that finds the project it is started for and hands over to that project's own language host. natsby's cache
 * is shared by clones that come and go, so it names none of them: the CLI starts it in the program's folder (with
 * `main: infra/index.ts` in `infra`, wherever `pulumi` was typed), and it walks up from there.
 */
export function languageHostWrapper(): string {
  return `#!/bin/sh
# natsby's STAND-IN for Pulumi's language host for Node, placed where the real one cannot be had.
# It hands over to the natsby project around the folder that it is started in.
here=$(pwd -P)
root=$here
until [ -x "$root/scripts/run" ] && [ -f "$root/scripts/toolchain/language-host/main.ts" ]; do
  if [ -z "$root" ]; then
    echo "This is natsby's STAND-IN for Pulumi's language host: it serves natsby projects only, and $here is in none." >&2
    echo "For other projects use Pulumi's own: https://www.pulumi.com/docs/install" >&2
    exit 3
  fi
  root=\${root%/*}
done
exec "$root/scripts/run" toolchain/language-host/main "$@"
`;
}
