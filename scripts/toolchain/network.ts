// Asks whether an official download can be reached, and fetches it. Never waits long for a network that is not there.

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { Transform } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Variables } from "./paths.ts";

const probeMs = 3_000;
const redirectsAllowed = 5;

/** Why a download cannot be had, or undefined where a HEAD within 3 s says that it can. */
export async function unreachable(url: string, env: Variables = process.env): Promise<string | undefined> {
  if (env.NATSBY_OFFLINE) return "NATSBY_OFFLINE is set";
  try {
    const answer = await request(url, "HEAD", AbortSignal.timeout(probeMs), env);
    answer.resume();
    return undefined;
  } catch (error) {
    return reasonOf(error, url, probeMs);
  }
}

/** How a file is fetched. */
export interface FetchOptions {
  readonly withinMs: number;
  readonly env?: Variables;
  readonly onBytes?: (bytes: number) => void;
}

/** Fetches a file and returns its SHA-256. */
export async function fetchFile(url: string, to: string, options: FetchOptions): Promise<string> {
  const { withinMs, env = process.env, onBytes = () => {} } = options;
  const signal = AbortSignal.timeout(withinMs);
  const hash = createHash("sha256");
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
      done(null, chunk);
    },
  });
  try {
    await pipeline(await request(url, "GET", signal, env), count, createWriteStream(to), { signal });
  } catch (error) {
    throw new Error(reasonOf(error, url, withinMs), { cause: error });
  }
  return hash.digest("hex");
}

/** Fetches a short text. */
export async function fetchText(url: string, { withinMs, env = process.env }: FetchOptions): Promise<string> {
  try {
    return await text(await request(url, "GET", AbortSignal.timeout(withinMs), env));
  } catch (error) {
    throw new Error(reasonOf(error, url, withinMs), { cause: error });
  }
}

/** The answer's body, redirects followed; proxies are those that the environment names. */
async function request(
  url: string,
  method: string,
  signal: AbortSignal,
  env: Variables,
  redirects = redirectsAllowed,
): Promise<http.IncomingMessage> {
  const protocol = url.startsWith("http:") ? http : https;
  const agent = new protocol.Agent({ proxyEnv: env as NodeJS.ProcessEnv });
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    protocol.request(url, { method, signal, agent }, resolve).once("error", reject).end();
  });
  const { statusCode = 0, headers } = answer;
  if (statusCode === 200) return answer;
  answer.resume();
  if (statusCode >= 300 && statusCode < 400 && headers.location && redirects > 0) {
    return request(new URL(headers.location, url).href, method, signal, env, redirects - 1);
  }
  throw new Error(`it answered ${statusCode}`);
}

function reasonOf(error: unknown, url: string, withinMs: number): string {
  const { name, code, message } = error as NodeJS.ErrnoException;
  const host = new URL(url).host;
  if (name === "AbortError" || name === "TimeoutError") return `${host} did not answer within ${withinMs / 1000} s`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the name ${host} cannot be resolved`;
  return `${host}: ${message || code}`;
}
