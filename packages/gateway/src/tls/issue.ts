import { generateKeyPair } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { Entropy } from '@keyglot/core';
import forge from 'node-forge';

/** A private key with the certificate of its public key, both in PEM. @internal */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
/** Some clients accept no server certificate that is valid for longer than 398 days. */
const SERVER_DAYS = 397;
/** For clients whose clock is behind. */
const BACKDATED_DAYS = 1;
const SERIAL_BYTES = 16;
/** Kinds of alternative names (RFC 5280, section 4.2.1.6). */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

// forge makes RSA keys in JavaScript, for seconds and on the event loop; it can sign with RSA only.
const generateKeys = promisify(generateKeyPair);

/**
 * Makes a certificate authority that signs server certificates only, valid for ten years.
 *
 * @internal
 */
export async function issueCa(now: Date, entropy: Entropy): Promise<Identity> {
  const keys = await newKeys();
  const serial = serialNumber(entropy);
  const cert = blankCertificate(keys.publicKey, serial, now, CA_DAYS);
  // The name is unique, so that a trust store never mixes up two authorities.
  const name = [
    { name: 'organizationName', value: 'Keyglot' },
    { name: 'commonName', value: `Keyglot development CA ${serial.slice(0, 8)}` },
  ];
  cert.setSubject(name);
  cert.setIssuer(name);
  cert.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return signed(cert, keys.privateKey, keys.privateKey);
}

/**
 * Makes a server certificate, valid for 397 days but not longer than its authority.
 *
 * @param names DNS names, which may begin with `*.`, and IP addresses
 *
 * @internal
 */
export async function issueServer(
  ca: Identity,
  names: readonly string[],
  now: Date,
  entropy: Entropy,
): Promise<Identity> {
  const keys = await newKeys();
  const caCert = forge.pki.certificateFromPem(ca.cert);
  const cert = blankCertificate(keys.publicKey, serialNumber(entropy), now, SERVER_DAYS);
  if (cert.validity.notAfter > caCert.validity.notAfter) {
    cert.validity.notAfter = caCert.validity.notAfter;
  }
  cert.setSubject([
    { name: 'organizationName', value: 'Keyglot' },
    { name: 'commonName', value: 'Keyglot development server' },
  ]);
  cert.setIssuer(caCert.subject.attributes);
  cert.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectKeyIdentifier' },
    {
      name: 'authorityKeyIdentifier',
      keyIdentifier: caCert.generateSubjectKeyIdentifier().getBytes(),
    },
    {
      name: 'subjectAltName',
      altNames: names.map((name) =>
        isIP(name) === 0 ? { type: DNS_NAME, value: name } : { type: IP_ADDRESS, ip: name },
      ),
    },
  ]);
  return signed(cert, keys.privateKey, ca.key);
}

function newKeys(): Promise<{ publicKey: string; privateKey: string }> {
  return generateKeys('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** A positive number of exactly {@link SERIAL_BYTES} bytes, in hexadecimal (RFC 5280, section 4.1.2.2). */
function serialNumber(entropy: Entropy): string {
  const bytes = Buffer.from(entropy.bytes(SERIAL_BYTES));
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString('hex');
}

function blankCertificate(
  publicKey: string,
  serial: string,
  now: Date,
  days: number,
): forge.pki.Certificate {
  const cert = forge.pki.createCertificate();
  cert.publicKey = forge.pki.publicKeyFromPem(publicKey);
  cert.serialNumber = serial;
  cert.validity.notBefore = new Date(now.getTime() - BACKDATED_DAYS * DAY_MS);
  cert.validity.notAfter = new Date(now.getTime() + (days - BACKDATED_DAYS) * DAY_MS);
  return cert;
}

function signed(cert: forge.pki.Certificate, key: string, signingKey: string): Identity {
  cert.sign(forge.pki.privateKeyFromPem(signingKey), forge.md.sha256.create());
  return { key, cert: forge.pki.certificateToPem(cert).replaceAll('\r\n', '\n') };
}
