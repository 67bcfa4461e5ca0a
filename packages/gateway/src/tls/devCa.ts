import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Entropy } from '@keyglot/core';
import { writeAtomically } from './atomicFile.js';
import type { Identity } from './issue.js';

/** What HTTPS needs, all in PEM: the server's key and certificate, and the authority to trust. @public */
export interface DevCertificates {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** Names that every server certificate has, whatever is asked for in addition. @public */
export const LOCAL_NAMES: readonly string[] = ['localhost', '*.localhost', '127.0.0.1', '::1'];

/**
 * Host names that choose a dialect, and below it a sandbox: `aws.localhost`, `*.aws.localhost`. Each is
 * spelled out because OpenSSL and Node.js accept no wildcard directly below a top-level name, so that
 * `*.localhost` helps other clients only.
 *
 * @public
 */
export function dialectNames(dialects: readonly string[]): readonly string[] {
  return dialects.flatMap((dialect) => [`${dialect}.localhost`, `*.${dialect}.localhost`]);
}

const DAY_MS = 86_400_000;
/** Certificates are replaced when they have less left than this. */
const RENEW_DAYS = 30;
const DNS_NAME = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/**
 * Makes a development authority and a server certificate that are kept nowhere; the authority's key is
 * forgotten.
 *
 * @param names DNS names (one leading `*.` allowed) and IP addresses beside {@link LOCAL_NAMES}
 * @throws TypeError when a name is neither
 *
 * @public
 */
export async function createDevCa(
  now: Date,
  entropy: Entropy,
  names: readonly string[] = [],
): Promise<DevCertificates> {
  const allNames = normalized(names);
  // Loaded only when something is to be issued: an ordinary start never needs forge.
  const { issueCa, issueServer } = await import('./issue.js');
  const ca = await issueCa(now, entropy);
  return { ...(await issueServer(ca, allNames, now, entropy)), ca: ca.cert };
}

/**
 * Takes the development authority and the server certificate from a folder, and makes there what is
 * missing, unusable or about to expire. The server certificate is made anew when the names differ.
 *
 * Files: `ca.pem`, `server.pem`, and `ca-key.pem`, `server-key.pem` of mode 0600.
 *
 * @param folder made when missing, with mode 0700
 * @param names as for {@link createDevCa}
 * @throws TypeError when a name is neither a DNS name nor an IP address
 *
 * @public
 */
export async function loadOrCreateDevCa(
  folder: string,
  now: Date,
  entropy: Entropy,
  names: readonly string[] = [],
): Promise<DevCertificates> {
  const allNames = normalized(names);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ca = await kept(folder, 'ca', entropy, {
    isGood: (cert) => cert.ca && isFresh(cert, now) && isIssuedBy(cert, cert),
    issue: async () => (await import('./issue.js')).issueCa(now, entropy),
  });
  const caCert = new X509Certificate(ca.cert);
  const server = await kept(folder, 'server', entropy, {
    isGood: (cert) => isFresh(cert, now) && isIssuedBy(cert, caCert) && hasExactly(cert, allNames),
    issue: async () => (await import('./issue.js')).issueServer(ca, allNames, now, entropy),
  });
  return { ...server, ca: ca.cert };
}

interface Rule {
  isGood(cert: X509Certificate): boolean;
  issue(): Promise<Identity>;
}

/** The identity in a folder if it is there and good, else a new one that is then there. */
async function kept(folder: string, name: string, entropy: Entropy, rule: Rule): Promise<Identity> {
  const keyPath = join(folder, `${name}-key.pem`);
  const certPath = join(folder, `${name}.pem`);
  const stored = await read(keyPath, certPath);
  if (stored !== undefined && isPair(stored, rule)) {
    await chmod(keyPath, 0o600);
    return stored;
  }
  const issued = await rule.issue();
  // A crash in between leaves two that do not belong together, and the next start makes both anew.
  await writeAtomically(keyPath, issued.key, 0o600, entropy);
  await writeAtomically(certPath, issued.cert, 0o644, entropy);
  return issued;
}

function normalized(names: readonly string[]): readonly string[] {
  const all = [...LOCAL_NAMES, ...names].map((name) => name.toLowerCase());
  for (const name of all) {
    if ((isIP(name) === 0 || name.includes('%')) && !DNS_NAME.test(name)) {
      throw new TypeError(`not a DNS name or IP address: ${JSON.stringify(name)}`);
    }
  }
  return [...new Set(all)];
}

/** @returns undefined when one of the two files is missing */
async function read(keyPath: string, certPath: string): Promise<Identity | undefined> {
  try {
    const [key, cert] = await Promise.all([readFile(keyPath, 'utf8'), readFile(certPath, 'utf8')]);
    return { key, cert };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether both can be read, belong together and are good; anything broken is not. */
function isPair(stored: Identity, rule: Rule): boolean {
  try {
    const cert = new X509Certificate(stored.cert);
    return cert.checkPrivateKey(createPrivateKey(stored.key)) && rule.isGood(cert);
  } catch {
    return false;
  }
}

function isFresh(cert: X509Certificate, now: Date): boolean {
  const until = Date.parse(cert.validTo);
  return Date.parse(cert.validFrom) <= now.getTime() && until - now.getTime() > RENEW_DAYS * DAY_MS;
}

function isIssuedBy(cert: X509Certificate, issuer: X509Certificate): boolean {
  return cert.checkIssued(issuer) && cert.verify(issuer.publicKey);
}

function hasExactly(cert: X509Certificate, names: readonly string[]): boolean {
  const present = (cert.subjectAltName ?? '').split(', ');
  const has = (name: string): boolean =>
    isIP(name) === 0 ? present.includes(`DNS:${name}`) : cert.checkIP(name) !== undefined;
  return present.length === names.length && names.every(has);
}
