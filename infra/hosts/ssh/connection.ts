// A connection to a host: the one file that speaks SSH. The host's key is checked always, nothing is trusted at first sight, and
// every wait ends within its bound.

import type { Duplex } from "node:stream";
import type { Client, ClientChannel, ConnectConfig, ServerHostKeyAlgorithm } from "ssh2";
import { JumpHosts } from "./jump-hosts.ts";
import { Patience } from "./silence.ts";
import { failedConnection, otherKey, refusedLogin, type SshTarget, unreachable } from "./target.ts";

/** How long natsby waits for a host. */
export interface SshBounds {
  /** For the whole of it: name, TCP, keys, login, and the same of a jump host before. @default 10_000 */
  readonly connectMs?: number;
  /** For an answer to what was asked there. @default 10_000 */
  readonly answerMs?: number;
}

export const defaultMs = 10_000;
/** How often a silent host is asked whether it is there. */
const keepAliveMs = 2_000;

/** An open connection. */
export interface Connection {
  /** Runs a command line there. */
  exec(command: string): Promise<ClientChannel>;
  /** Connects to a port from there. */
  forward(address: string, port: number): Promise<ClientChannel>;
  /** Rejects what is under way. */
  close(): void;
  /** When nothing more comes over it; never rejects. */
  readonly closed: Promise<void>;
}

/** Jump hosts to which each connection is bounded by `connectMs`. */
export function jumpHosts(connectMs: number = defaultMs): JumpHosts {
  const jumps: JumpHosts = new JumpHosts(async (jump) => {
    const connection = await connect(jump, connectMs, jumps);
    sendAtOnce(connection);
    return connection;
  });
  return jumps;
}

/**
 * OpenSSH's sshd sets TCP_NODELAY when a session begins, and one that only forwards has none: each answer would wait up to 40 ms for
 * the one before it to be acknowledged. Where the user may run nothing there, it is slower and that is all.
 */
function sendAtOnce(connection: Connection): void {
  connection.exec(":").then(
    (channel) => channel.on("error", () => undefined).resume(),
    () => undefined,
  );
}

/**
 * Connects. @throws UserError that says what is in the way.
 * @param jumps those that other hosts go through as well. @default its own
 */
export async function connect(
  target: SshTarget,
  connectMs: number = defaultMs,
  jumps: JumpHosts = jumpHosts(connectMs),
): Promise<Connection> {
  const { Client: SshClient } = await import("ssh2");
  const client: Client = new SshClient();
  const through = target.jump === undefined ? undefined : await jumps.way(target.jump);
  // A jump host that is there waits for who is behind it for minutes: that is bounded, too.
  const patience = new Patience(target, connectMs);
  const forward = through?.forward(target.address, target.port);
  const end = (): void => {
    client.destroy();
    // It may come later than anybody waits for it.
    forward?.then(
      (late) => late.destroy(),
      () => undefined,
    );
    through?.giveBack();
  };
  try {
    const sock = await patience.for(Promise.resolve(forward));
    await patience.for(ready(client, target, connectMs, () => patience.spoke(), sock));
  } catch (error) {
    end();
    throw failedConnection(target, error);
  } finally {
    patience.end();
  }
  client.setNoDelay(true);
  client.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  void closed.then(() => through?.giveBack());
  return { ...channelsOf(client, target), close: end, closed };
}

function ready(
  client: Client,
  target: SshTarget,
  silentMs: number,
  spoke: () => void,
  sock: Duplex | undefined,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.once("ready", resolve).on("error", reject);
  client.once("close", () => reject(unreachable(target, "it hung up")));
  const agent = target.agent ?? process.env.SSH_AUTH_SOCK;
  if (target.privateKey === undefined && agent === undefined) {
    reject(refusedLogin(target, "there is no private key for it and no agent ($SSH_AUTH_SOCK)"));
  } else {
    const verify = (key: Buffer): boolean => {
      spoke();
      const seen = `${typeIn(key)} ${key.toString("base64")}`;
      const same = seen === target.hostKey.trim().split(/\s+/).slice(0, 2).join(" ");
      if (!same) reject(otherKey(target, seen));
      return same;
    };
    try {
      client.connect({
        ...configOf(target, agent, silentMs),
        hostVerifier: verify,
        ...(sock === undefined ? {} : { sock }),
      });
    } catch (error) {
      reject(error);
    }
  }
  return promise;
}

/** The name that begins every public key. */
export const typeIn = (key: Buffer): string => key.subarray(4, 4 + key.readUInt32BE(0)).toString();

function configOf(target: SshTarget, agent: string | undefined, silentMs: number): ConnectConfig {
  const { address, port, user, privateKey, hostKey } = target;
  const [type = ""] = hostKey.trim().split(/\s+/);
  const signatures = type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
  return {
    ...{ host: address, port, username: user },
    ...(privateKey === undefined ? { agent: agent ?? "" } : { privateKey }),
    // The bound is natsby's own, over all of it.
    readyTimeout: 0,
    keepaliveInterval: keepAliveMs,
    // A busy host is not taken for a dead one sooner than any other wait for it ends.
    keepaliveCountMax: Math.max(3, Math.ceil(silentMs / keepAliveMs)),
    algorithms: { serverHostKey: signatures as ServerHostKeyAlgorithm[] },
  };
}

function channelsOf(client: Client, target: SshTarget): Pick<Connection, "exec" | "forward"> {
  const opened = (open: (done: (error: Error | undefined, channel: ClientChannel) => void) => void) =>
    new Promise<ClientChannel>((resolve, reject) => {
      const lost = (): void => reject(unreachable(target, "the connection was lost"));
      client.once("close", lost);
      const done = (error: Error | undefined, channel: ClientChannel): void => {
        client.off("close", lost);
        if (error) reject(error);
        else resolve(channel);
      };
      try {
        open(done);
      } catch (error) {
        client.off("close", lost);
        reject(unreachable(target, "the connection was lost", error));
      }
    });
  return {
    exec: (command) => opened((done) => client.exec(command, done)),
    forward: (address, port) => opened((done) => client.forwardOut("127.0.0.1", 0, address, port, done)),
  };
}
