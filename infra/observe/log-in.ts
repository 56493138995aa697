// Signs in at a server with the stack's secret, and while that is rotated with the one before it where the new one is not let in yet.

import { loginOf } from "../core/keys-file.ts";
import type { ServerPlan } from "../core/plan.ts";
import { type ClusterSecret, secretsOf } from "../core/secrets.ts";
import type { Host } from "../hosts/host.ts";
import { isUnauthorized } from "./nats.ts";

/** Where, and as whom. */
export interface Login {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** Opens something at a server as `user`. @throws whatever `open` throws. */
export async function withLogin<T>(
  host: Pick<Host, "reach">,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  user: string,
  open: (login: Login) => Promise<T>,
): Promise<T> {
  const { address, port } = await host.reach(plan.clientPort, plan.address);
  const url = `nats://${address}:${port}`;
  const [first, ...rest] = secretsOf(clusterSecret).map((secret) => ({ url, ...loginOf(plan, secret, user) }));
  if (first === undefined) throw new Error("there is no secret");
  return rest.reduce<Promise<T>>(
    (tried, login) =>
      tried.catch((error: unknown) => {
        if (!isUnauthorized(error)) throw error;
        return open(login);
      }),
    open(first),
  );
}
