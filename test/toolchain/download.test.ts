// Official downloads, from a server of the test's own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { download, type Release } from "../../scripts/toolchain/download.ts";
import { unreachable } from "../../scripts/toolchain/network.ts";
import { freePorts } from "../support/ports.ts";
import { script, type Temporary, temporary } from "../support/temporary.ts";

const env = { PATH: process.env.PATH };
const ignore = (): void => {};

/** A server on loopback, closed with all its connections. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, [Symbol.asyncDispose]: close };
}

/** A vendor's page: the archive behind a redirect, and the checksums. */
function vendor(folder: Temporary, checksumOf: (archive: Buffer) => string) {
  mkdirSync(join(folder.path, "tool-v1"));
  script(join(folder.path, "tool-v1/tool"), "echo v1.0.0");
  spawnSync("tar", ["-czf", "tool.tar.gz", "tool-v1"], { cwd: folder.path });
  const archive = readFileSync(join(folder.path, "tool.tar.gz"));
  return serve(({ url }, response) => {
    if (url === "/tool.tar.gz") response.writeHead(302, { location: "/elsewhere/tool.tar.gz" }).end();
    else if (url === "/elsewhere/tool.tar.gz") response.end(archive);
    else if (url === "/sums") response.end(`${"0".repeat(64)}  other.tar.gz\n${checksumOf(archive)}  tool.tar.gz\n`);
    else response.writeHead(404).end();
  });
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

const release = (...mirrors: string[]): Release => ({
  tool: "tool",
  mirrors,
  archive: "tool.tar.gz",
  checksums: "sums",
});

test("an archive is fetched, proved by the published checksum, and unpacked", async () => {
  using folder = temporary();
  await using server = await vendor(folder, sha256);
  const [closed] = await freePorts(1);
  const told: string[] = [];
  const work = join(folder.path, "work");
  mkdirSync(work);
  await download(release(`http://127.0.0.1:${closed}`, server.url), work, env, ({ kind }) => told.push(kind));
  assert.equal(spawnSync(join(work, "unpacked/tool"), { encoding: "utf8" }).stdout, "v1.0.0\n");
  assert.deepEqual([...new Set(told)], ["doing", "detail"]);
});

test("an archive that is not what the vendor published is refused", async () => {
  using folder = temporary();
  await using server = await vendor(folder, () => "f".repeat(64));
  await assert.rejects(
    download(release(server.url), folder.path, env, ignore),
    /tool\.tar\.gz is not what sums says: SHA-256/,
  );
});

test("without a published checksum nothing is taken", async () => {
  using folder = temporary();
  await using server = await vendor(folder, () => "");
  await assert.rejects(download(release(server.url), folder.path, env, ignore), /checksums do not list tool\.tar\.gz/);
});

test("every way in which a server cannot be reached has its reason, in time", async () => {
  const [closed] = await freePorts(1);
  await using missing = await serve((_, response) => response.writeHead(404).end());
  await using silent = await serve(ignore);
  const since = performance.now();
  const reasons = await Promise.all([
    unreachable(`http://127.0.0.1:${closed}/x`, env),
    unreachable("http://no-such-host.invalid/x", env),
    unreachable(`${missing.url}/x`, env),
    unreachable(`${silent.url}/x`, env),
    unreachable(`${missing.url}/x`, { ...env, NATSBY_OFFLINE: "1" }),
  ]);
  assert.match(reasons[0] ?? "", /ECONNREFUSED/);
  assert.match(reasons[1] ?? "", /no-such-host\.invalid (cannot be resolved|did not answer)/);
  assert.match(reasons[2] ?? "", /it answered 404/);
  assert.match(reasons[3] ?? "", /did not answer within 3 s/);
  assert.equal(reasons[4], "NATSBY_OFFLINE is set");
  assert.ok(performance.now() - since < 10_000);
});
