// The key that a host shows, looked at without logging in. Trusts nothing: whoever asks shows it to a person.

import { connect, defaultMs, typeIn } from "./connection.ts";
import { failedConnection, type SshTarget, unreachable } from "./target.ts";

/** As in known_hosts: `ssh-ed25519 AAAA…`, the best that the host has. @throws UserError where there is no answer. */
export async function shownHostKey(target: Omit<SshTarget, "hostKey">, withinMs: number = defaultMs): Promise<string> {
  const about: SshTarget = { ...target, hostKey: "" };
  const { Client } = await import("ssh2");
  const through = target.jump === undefined ? undefined : await connect(target.jump, withinMs);
  const client = new Client();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const late = `gave up after ${withinMs / 1000} s (timeouts.host) waiting until it shows its key`;
  const timer = setTimeout(() => reject(unreachable(about, late)), withinMs);
  try {
    const sock = await through?.forward(target.address, target.port);
    client.on("error", reject).once("close", () => reject(unreachable(about, "it hung up")));
    client.connect({
      ...{ host: target.address, port: target.port, username: target.user, readyTimeout: 0 },
      ...(sock === undefined ? {} : { sock }),
      algorithms: { serverHostKey: ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"] },
      hostVerifier: (key: Buffer) => {
        resolve(`${typeIn(key)} ${key.toString("base64")}`);
        return false;
      },
    });
    return await promise;
  } catch (error) {
    throw failedConnection(about, error);
  } finally {
    clearTimeout(timer);
    client.destroy();
    through?.close();
  }
}
