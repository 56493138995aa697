// Keys, certificates and pins of cluster links, derived from `clusterSecret`: same secret, same bytes. One CA, used for routes only.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, type webcrypto } from "node:crypto";
import { type ClusterSecret, derive } from "./secrets.ts";

/** PEM texts a server needs to join the mesh. */
export interface Identity {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Fixed, so that the same secret gives the same certificate whenever it is rendered; a rotation replaces the secret, not the date. */
const notBefore = new Date("2020-01-01T00:00:00Z");
const notAfter = new Date("2119-12-31T00:00:00Z");
const authority = "authority of the cluster";
const caName = "CN=natsby cluster CA";
const signingAlgorithm = { name: "Ed25519" };
/** RFC 8410: what stands before the 32 bytes of an Ed25519 seed in PKCS #8. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** Pin of a server: lower-case hex SHA-256 of its public key's SubjectPublicKeyInfo (facts: nats-server `pinned_certs`). */
export function pinOf(clusterSecret: ClusterSecret, server: string): string {
  const spki = createPublicKey(privateKeyOf(clusterSecret, server)).export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}

/**
 * Issues the certificate of one server.
 * @param addresses IP addresses or DNS names other servers dial it by; none for a dummy, which is never dialled.
 */
export async function issueIdentity(
  clusterSecret: ClusterSecret,
  server: string,
  addresses: readonly string[],
): Promise<Identity> {
  const x509 = await loadX509();
  const [caKeys, keys] = await Promise.all([keyPairOf(clusterSecret, authority), keyPairOf(clusterSecret, server)]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: derive(clusterSecret, `serial/${server}`, 8).toString("hex").replace(/^./, "1"),
    subject: `CN=${server}`,
    issuer: caName,
    notBefore,
    notAfter,
    signingAlgorithm,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      ...(addresses.length > 0 ? [new x509.SubjectAlternativeNameExtension(addresses.map(alternativeName))] : []),
    ],
  });
  const key = privateKeyOf(clusterSecret, server).export({ type: "pkcs8", format: "pem" }) as string;
  return { ca: await authorityOf(clusterSecret), certificate: `${certificate.toString("pem")}\n`, key };
}

/** The certificate that every server's is signed with, as PEM. */
export async function authorityOf(clusterSecret: ClusterSecret): Promise<string> {
  const x509 = await loadX509();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: caName,
    notBefore,
    notAfter,
    signingAlgorithm,
    keys: await keyPairOf(clusterSecret, authority),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return `${ca.toString("pem")}\n`;
}

function alternativeName(address: string): { type: "ip" | "dns"; value: string } {
  return { type: /^[\d.]+$|:/.test(address) ? "ip" : "dns", value: address };
}

function privateKeyOf(clusterSecret: ClusterSecret, server: string): KeyObject {
  const seed = derive(clusterSecret, `key/${server}`, 32);
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });
}

async function keyPairOf(clusterSecret: ClusterSecret, server: string): Promise<webcrypto.CryptoKeyPair> {
  const privateKey = privateKeyOf(clusterSecret, server);
  const algorithm = { name: "Ed25519" };
  return {
    privateKey: privateKey.toCryptoKey(algorithm, true, ["sign"]),
    publicKey: createPublicKey(privateKey).toCryptoKey(algorithm, true, ["verify"]),
  };
}

/** 100 ms to load, and only whoever issues needs it. `reflect-metadata` must come first: the library's container throws without. */
async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
