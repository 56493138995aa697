// The toolchain for a verb that runs Pulumi: what is there already, else what the set-up brings.

import { complete, look, type Toolchain } from "../toolchain/look.ts";

/** Quick where all is there. */
export async function toolsFor(): Promise<Toolchain> {
  const there = complete(look());
  if (there !== undefined) return there;
  const [{ setUp }, { showProgress }] = await Promise.all([
    import("../toolchain/setup.ts"),
    import("../toolchain/show-progress.ts"),
  ]);
  using progress = showProgress(process.stderr);
  return await setUp(progress);
}
