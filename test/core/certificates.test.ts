// Keys, certificates and pins: the same bytes in every process, and what others make of them.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { issueIdentity, pinOf } from "../../infra/core/certificates.ts";
import { temporary } from "../support/temporary.ts";

const secret = "a secret of tests, long enough to be one";
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const needsOpenssl = { skip: hasOpenssl ? false : "there is no openssl on this machine" };

test("two processes issue the same bytes", async () => {
  const module = JSON.stringify(new URL("../../infra/core/certificates.ts", import.meta.url).href);
  const program = `
    const { issueIdentity, pinOf } = await import(${module});
    const identity = await issueIdentity(${JSON.stringify(secret)}, "server0", ["127.0.0.1"]);
    console.log(JSON.stringify([identity, pinOf(${JSON.stringify(secret)}, "server0")]));`;
  const there = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { timeout: 30_000 });
  const here = [await issueIdentity(secret, "server0", ["127.0.0.1"]), pinOf(secret, "server0")];
  assert.deepEqual(JSON.parse(there.toString()), here);
});

test("a pin never changes: running clusters hold it", () => {
  assert.equal(pinOf(secret, "server0"), "e0263c9fc6ab6189ef92bb74041de0b43019638145c770acdf9defc6d21644b8");
});

test("a pin is the SHA-256 of the certificate's public key", async () => {
  for (const server of ["server0", "dummy-nats0"]) {
    const { certificate } = await issueIdentity(secret, server, []);
    const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
    assert.equal(pinOf(secret, server), createHash("sha256").update(spki).digest("hex"));
  }
});

test("every server, and every secret, has another key; all of a stack have one authority", async () => {
  const identities = await Promise.all(
    ["server0", "server1", "dummy-nats0"].map((name) => issueIdentity(secret, name, [])),
  );
  const other = await issueIdentity(`${secret}!`, "server0", []);
  assert.equal(new Set([...identities, other].map(({ key }) => key)).size, 4);
  assert.equal(new Set(["server0", "server1", "dummy-nats0"].map((name) => pinOf(secret, name))).size, 3);
  assert.equal(new Set(identities.map(({ ca }) => ca)).size, 1);
  assert.notEqual(other.ca, identities[0]?.ca);
});

test("a certificate names its server, is for both ends of a link, and is signed by the authority alone", async () => {
  const { ca, certificate } = await issueIdentity(secret, "server0", ["127.0.0.1", "::1", "nats.example.com"]);
  const [issuer, issued] = [new X509Certificate(ca), new X509Certificate(certificate)];
  assert.equal(issued.subject, "CN=server0");
  assert.equal(issued.ca, false);
  assert.equal(issuer.ca, true);
  assert.equal(issued.subjectAltName, "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:nats.example.com");
  assert.deepEqual(issued.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  assert.equal(issued.verify(issuer.publicKey), true);
  const foreign = new X509Certificate((await issueIdentity(`${secret}!`, "server0", [])).ca);
  assert.equal(issued.verify(foreign.publicKey), false);
});

test("a dummy, which nobody dials, has no address in its certificate", async () => {
  const { certificate } = await issueIdentity(secret, "dummy-nats0", []);
  assert.equal(new X509Certificate(certificate).subjectAltName, undefined);
});

test("openssl verifies the chain, finds the key fitting, and computes the same pin", needsOpenssl, async () => {
  using folder = temporary("certificates");
  const { ca, certificate, key } = await issueIdentity(secret, "server0", ["127.0.0.1"]);
  for (const [name, text] of Object.entries({ ca, certificate, key })) writeFileSync(join(folder.path, name), text);
  const openssl = (...args: string[]): Buffer => execFileSync("openssl", args, { cwd: folder.path, timeout: 10_000 });
  const dialled = ["-purpose", "sslserver", "-verify_ip", "127.0.0.1"];
  for (const purpose of [dialled, ["-purpose", "sslclient"]]) {
    const verified = openssl("verify", "-CAfile", "ca", ...purpose, "certificate").toString();
    assert.equal(verified, "certificate: OK\n");
  }
  writeFileSync(join(folder.path, "public"), openssl("x509", "-in", "certificate", "-pubkey", "-noout"));
  const der = openssl("pkey", "-pubin", "-in", "public", "-outform", "der");
  assert.equal(createHash("sha256").update(der).digest("hex"), pinOf(secret, "server0"));
  assert.deepEqual(openssl("pkey", "-in", "key", "-pubout", "-outform", "der"), der);
});
