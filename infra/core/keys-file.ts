// The keys file of a server: who is let in with which password, and for a dummy the pins of the upstreams it may dial. Mode 0600.

import { renderConfig } from "./nats-config.ts";
import type { ServerPlan } from "./plan.ts";
import { type ClusterSecret, derive, secretsOf, subscriberPassword, userOf, users } from "./secrets.ts";
import { loginVariables, variables } from "./server-config.ts";
import { serverPassword, serverPin } from "./server-keys.ts";

interface Login {
  readonly user: string;
  readonly password: string;
}

/**
 * Renders it. In a rotation the users of both secrets are let in.
 * @param present the file as it stands, where what it lets in must still work: before a cutover. @default null: not kept
 */
export function renderKeysFile(plan: ServerPlan, clusterSecret: ClusterSecret, present: string | null = null): string {
  const logins = [...plan.users, users.system].map((name) => {
    const [own, previous] = secretsOf(clusterSecret).map((secret) => loginOf(plan, secret, name));
    if (own === undefined) throw new Error("there is no secret");
    const kept = presentLogins(present ?? "", name).find(({ user }) => user !== own.user && !isSpare(user));
    return {
      ...settingsOf(name, "own", own),
      ...settingsOf(name, "other", previous ?? kept ?? spareOf(plan, own, clusterSecret)),
    };
  });
  const upstreamPins = plan.kind === "dummy" ? { [variables.upstreamPins]: pinsOf(plan, clusterSecret, present) } : {};
  return renderConfig({ ...Object.assign({}, ...logins), ...upstreamPins });
}

/** A user of one server, by one secret. */
export function loginOf(plan: ServerPlan, secret: string, name: string): Login {
  const isSubscriber = name === users.subscriber;
  const password = isSubscriber ? subscriberPassword(secret) : serverPassword(secret, plan, plan.name, name);
  return { user: userOf(secret, name), password };
}

/** What stands in the place of the other secret's user where there is no other secret. */
const spareOf = ({ name }: ServerPlan, { user }: Login, clusterSecret: ClusterSecret): Login => ({
  user: `${user}.spare`,
  password: derive(clusterSecret, `spare/${name}/${user}`, 24).toString("base64url"),
});
const isSpare = (user: string): boolean => user.endsWith(".spare");

function settingsOf(name: string, slot: "own" | "other", { user, password }: Login): Record<string, string> {
  const names = loginVariables(name, slot);
  return { [names.user]: user, [names.password]: password };
}

function presentLogins(text: string, name: string): readonly Login[] {
  return (["own", "other"] as const).flatMap((slot) => {
    const names = loginVariables(name, slot);
    const [user, password] = [names.user, names.password].map((key) => valueIn(text, key));
    return user === undefined || password === undefined ? [] : [{ user, password }];
  });
}

/** Names and passwords have nothing in them that would be escaped. */
const valueIn = (text: string, key: string): string | undefined =>
  new RegExp(`^${key}: "([\\w.-]+)"$`, "m").exec(text)?.[1];

function pinsOf(plan: ServerPlan, clusterSecret: ClusterSecret, present: string | null): readonly string[] {
  const wanted = secretsOf(clusterSecret).flatMap((secret) =>
    plan.upstreams.map((upstream) => serverPin(secret, plan, upstream)),
  );
  const kept = [...(present ?? "").matchAll(/^ {2}"([0-9a-f]{64})"$/gm)].map(([, pin]) => pin ?? "");
  return [...new Set([...wanted, ...kept])];
}
