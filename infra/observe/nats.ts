// The one file that imports `nats`. Everything else speaks through what is exported here.

import { connect, createInbox, ErrorCode, headers, type NatsConnection, NatsError } from "nats";

export type { Msg, NatsConnection } from "nats";
export { headers };

/** How to reach one server, and only that one. */
export interface ConnectOptions {
  /** `nats://address:port`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Shown by the server's monitoring. */
  readonly name: string;
  /** Bound of the first connect, in milliseconds. */
  readonly timeoutMs: number;
  /** Keep trying for ever once connected. @default false */
  readonly reconnect?: boolean;
}

/**
 * Connects to exactly this server: what it says of other servers is ignored. The inbox is random, since the system account
 * spans all servers and a shared reply subject would receive strangers' answers (facts-nats P18).
 */
export function connectNats(options: ConnectOptions): Promise<NatsConnection> {
  const reconnect = options.reconnect ?? false;
  return connect({
    servers: options.url,
    user: options.user,
    pass: options.password,
    name: options.name,
    timeout: options.timeoutMs,
    reconnect,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 50,
    pingInterval: 2_000,
    maxPingOut: 2,
    ignoreClusterUpdates: true,
    noRandomize: true,
    inboxPrefix: createInbox("_INBOX.natsby"),
  });
}

/** What went wrong with a connection or request, in words a user knows. */
export function natsProblem(error: unknown): string {
  const code = error instanceof NatsError ? error.code : "";
  const message = error instanceof Error ? error.message : String(error);
  return problems[code] ?? (/\b(ECONNRESET|EPIPE)\b/.test(message) ? cutOff : message);
}

const cutOff = "the connection was closed";

const problems: Readonly<Record<string, string>> = {
  [ErrorCode.ConnectionRefused]: "nobody listens there",
  [ErrorCode.Timeout]: "no answer in time",
  [ErrorCode.ConnectionTimeout]: "no answer in time",
  [ErrorCode.AuthorizationViolation]: "it refuses natsby's password: another stack's server, or keys that changed",
  [ErrorCode.NoResponders]: "it does not answer to natsby's user: not the system account",
  [ErrorCode.ConnectionClosed]: cutOff,
};

/** Whether whoever took the connection hung up before it was one. */
export function isCutOff(error: unknown): boolean {
  return natsProblem(error) === cutOff;
}

/** Whether the server does not know this user, or not with this password. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof NatsError && error.code === ErrorCode.AuthorizationViolation;
}

/** Whether the failure means that nothing came back in time. */
export function isTimeout(error: unknown): boolean {
  return error instanceof NatsError && (error.code === ErrorCode.Timeout || error.code === ErrorCode.ConnectionTimeout);
}

/** Whether the failure means that nobody is there, as against somebody who does not answer. */
export function isRefused(error: unknown): boolean {
  return error instanceof NatsError && error.code === ErrorCode.ConnectionRefused;
}
