import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, connect as tlsConnect } from 'node:tls';
import { createSystemClock, createSystemEntropy } from '@keyglot/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createDevCa,
  type DevCertificates,
  dialectNames,
  LOCAL_NAMES,
  loadOrCreateDevCa,
} from '../../src/tls/devCa.js';
import { onFirstUse } from '../../src/tls/onFirstUse.js';

const DAY_MS = 86_400_000;
// openssl and Node's TLS client look at the machine's clock.
const NOW = new Date(createSystemClock().realMs());
const NAMES = [
  ...dialectNames(['aws']),
  'kms.us-east-1.amazonaws.com',
  '*.amazonaws.com',
  '10.1.2.3',
  '2001:DB8::5',
];
const entropy = createSystemEntropy();

let folder: string;
let made: DevCertificates;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyglot-tls-'));
  made = await loadOrCreateDevCa(join(folder, 'tls'), NOW, entropy, NAMES);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A folder of its own with the same files. */
async function copied(): Promise<string> {
  const copy = await mkdtemp(join(folder, 'copy-'));
  for (const name of await readdir(join(folder, 'tls'))) {
    await writeFile(join(copy, name), await readFile(join(folder, 'tls', name)), { mode: 0o600 });
  }
  return copy;
}

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
}

/** What Node's TLS client says about a host name, with nothing but the authority to trust. */
async function verdict(certificates: DevCertificates, servername: string): Promise<string> {
  const server = createServer({ key: certificates.key, cert: certificates.cert }, (socket) =>
    socket.end(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has this form
  try {
    return await new Promise((resolve) => {
      const socket = tlsConnect({ port, host: '127.0.0.1', ca: certificates.ca, servername });
      socket.on('secureConnect', () => {
        resolve('trusted');
        socket.destroy();
      });
      socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('the certificates', () => {
  test.each([
    'localhost',
    'aws.localhost',
    'job-7.aws.localhost',
    'kms.us-east-1.amazonaws.com',
    'sts.amazonaws.com',
  ])('are trusted by a TLS client for %s', async (name) => {
    expect(await verdict(made, name)).toBe('trusted');
  });

  test.each(['example.com', 'a.b.amazonaws.com', 'amazonaws.com'])(
    'are not trusted by a TLS client for %s',
    async (name) => {
      expect(await verdict(made, name)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    },
  );

  test('are good for the addresses', () => {
    const cert = new X509Certificate(made.cert);
    for (const address of ['127.0.0.1', '::1', '10.1.2.3', '2001:db8::5']) {
      expect(cert.checkIP(address), address).toBe(address);
    }
    expect(cert.checkIP('127.0.0.2')).toBeUndefined();
  });

  test('pass the strict verification of openssl, as a server and for nothing else', () => {
    const [ca, server] = [join(folder, 'tls', 'ca.pem'), join(folder, 'tls', 'server.pem')];
    const verify = (...more: readonly string[]): string =>
      openssl('verify', '-x509_strict', '-CAfile', ca, ...more, server).trim();
    expect(verify('-purpose', 'sslserver', '-verify_hostname', 'localhost')).toBe(`${server}: OK`);
    expect(verify('-verify_ip', '::1')).toBe(`${server}: OK`);
    expect(() => verify('-purpose', 'sslclient')).toThrow(/unsuitable certificate purpose/);
    expect(() => verify('-verify_hostname', 'example.com')).toThrow(/hostname mismatch/);
    expect(openssl('verify', '-x509_strict', '-CAfile', ca, ca).trim()).toBe(`${ca}: OK`);
  });

  test('say what they are for', () => {
    const text = openssl('x509', '-in', join(folder, 'tls', 'ca.pem'), '-noout', '-text');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(text).toMatch(/Public-Key: \(2048 bit\)/);
    expect(text).toMatch(/Signature Algorithm: sha256WithRSAEncryption/);
    const [, keyId] = /Subject Key Identifier:\s+([0-9A-F:]{59})/.exec(text) ?? [];
    const server = openssl('x509', '-in', join(folder, 'tls', 'server.pem'), '-noout', '-text');
    expect(server).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(server).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
    expect(server).toMatch(/Extended Key Usage: \s+TLS Web Server Authentication\n/);
    expect(keyId).toBeDefined();
    expect(server.replace('keyid:', '')).toMatch(
      new RegExp(`Authority Key Identifier: \\s+${keyId}\\n`),
    );
  });

  test('are not made longer than clients take them', () => {
    const [ca, cert] = [new X509Certificate(made.ca), new X509Certificate(made.cert)];
    const days = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;
    expect(days(cert.validFrom, cert.validTo)).toBe(397);
    expect(days(ca.validFrom, ca.validTo)).toBe(3650);
    expect(Date.parse(cert.validFrom)).toBeLessThan(NOW.getTime());
  });

  test('have random positive serial numbers and a name of their own', async () => {
    const other = await createDevCa(NOW, entropy);
    const certs = [made.ca, made.cert, other.ca, other.cert].map((pem) => new X509Certificate(pem));
    expect(new Set(certs.map(({ serialNumber }) => serialNumber)).size).toBe(4);
    for (const { serialNumber } of certs) expect(serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(certs[0]?.subject).not.toBe(certs[2]?.subject);
    expect(certs[1]?.verify(certs[2]?.publicKey ?? expect.fail())).toBe(false);
  });

  test('kept nowhere are trusted too', async () => {
    const inMemory = await createDevCa(NOW, entropy, ['memory.example']);
    expect(await verdict(inMemory, 'memory.example')).toBe('trusted');
    expect(await verdict({ ...inMemory, ca: made.ca }, 'memory.example')).not.toBe('trusted');
  });

  test.each(['', 'a b', 'a,DNS:b', '*', '*.', 'a.*.b', '.a', 'a..b', '-a', 'fe80::1%lo', 'a\n'])(
    'refuse the name %j',
    async (name) => {
      await expect(createDevCa(NOW, entropy, [name])).rejects.toThrow(TypeError);
      await expect(loadOrCreateDevCa(folder, NOW, entropy, [name])).rejects.toThrow(
        'not a DNS name or IP address',
      );
    },
  );
});

describe('the folder', () => {
  test('has keys that only the owner can read, and no drafts', async () => {
    const files = (await readdir(join(folder, 'tls'))).sort();
    expect(files).toEqual(['ca-key.pem', 'ca.pem', 'server-key.pem', 'server.pem']);
    const modes = await Promise.all(
      ['.', ...files].map(async (name) => (await stat(join(folder, 'tls', name))).mode & 0o777),
    );
    expect(modes).toEqual([0o700, 0o600, 0o644, 0o600, 0o644]);
  });

  test('gives the same certificates again', async () => {
    const copy = await copied();
    const names = [...NAMES].reverse().map((name) => name.toUpperCase());
    expect(await loadOrCreateDevCa(copy, NOW, entropy, names)).toEqual(made);
    const later = new Date(NOW.getTime() + 365 * DAY_MS);
    expect(await loadOrCreateDevCa(copy, later, entropy, NAMES)).toEqual(made);
  });

  test('takes from others the right to read a key', async () => {
    const copy = await copied();
    await chmod(join(copy, 'ca-key.pem'), 0o644);
    await loadOrCreateDevCa(copy, NOW, entropy, NAMES);
    expect((await stat(join(copy, 'ca-key.pem'))).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['a name is added', [...NAMES, 'new.example'], 0],
    ['a name is gone', NAMES.slice(1), 0],
    ['a name is exchanged', ['other.example', ...NAMES.slice(1)], 0],
    ['it expires soon', NAMES, 367],
    ['it has expired', NAMES, 400],
  ])(
    'gets a new server certificate under the same authority when %s',
    async (_why, names, days) => {
      const copy = await copied();
      const now = new Date(NOW.getTime() + days * DAY_MS);
      const next = await loadOrCreateDevCa(copy, now, entropy, names);
      expect(next.ca).toBe(made.ca);
      expect(next.cert).not.toBe(made.cert);
      const [cert, ca] = [new X509Certificate(next.cert), new X509Certificate(next.ca)];
      expect(cert.verify(ca.publicKey)).toBe(true);
      expect(cert.subjectAltName?.split(', ')).toHaveLength(names.length + LOCAL_NAMES.length);
      expect(await loadOrCreateDevCa(copy, now, entropy, names)).toEqual(next);
    },
  );

  test('gets a server certificate that ends with its authority', async () => {
    const copy = await copied();
    const now = new Date(NOW.getTime() + 3500 * DAY_MS);
    const next = await loadOrCreateDevCa(copy, now, entropy, NAMES);
    expect(next.ca).toBe(made.ca);
    expect(new X509Certificate(next.cert).validTo).toBe(new X509Certificate(next.ca).validTo);
  });

  test.each<[string, (copy: string) => Promise<unknown>, number]>([
    ['it expires soon', async () => {}, 3640],
    ['its key is gone', (copy) => rm(join(copy, 'ca-key.pem')), 0],
    ['its certificate is gone', (copy) => rm(join(copy, 'ca.pem')), 0],
    ['its key is broken', (copy) => writeFile(join(copy, 'ca-key.pem'), made.key.slice(0, 99)), 0],
    ['its key is another one', (copy) => writeFile(join(copy, 'ca-key.pem'), made.key), 0],
    ['its certificate is empty', (copy) => writeFile(join(copy, 'ca.pem'), ''), 0],
    [
      'it is no authority',
      async (copy) => {
        await writeFile(join(copy, 'ca.pem'), made.cert);
        await writeFile(join(copy, 'ca-key.pem'), made.key);
      },
      0,
    ],
  ])('gets a new authority and server certificate when %s', async (_why, harm, days) => {
    const copy = await copied();
    await harm(copy);
    const now = new Date(NOW.getTime() + days * DAY_MS);
    const next = await loadOrCreateDevCa(copy, now, entropy, NAMES);
    expect(next.ca).not.toBe(made.ca);
    const [cert, ca] = [new X509Certificate(next.cert), new X509Certificate(next.ca)];
    expect(cert.verify(ca.publicKey)).toBe(true);
    expect(await loadOrCreateDevCa(copy, now, entropy, NAMES)).toEqual(next);
  });

  test('that cannot be written is an error, not a certificate that is lost', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(loadOrCreateDevCa(join(file, 'tls'), NOW, entropy)).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
  });
});

describe('onFirstUse', () => {
  test('makes nothing before the first call and one thing for all', async () => {
    let made = 0;
    const get = onFirstUse(async () => {
      made += 1;
      return made;
    });
    expect(made).toBe(0);
    expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
    expect(await get()).toBe(1);
  });

  test('tries again after a failure', async () => {
    let calls = 0;
    const get = onFirstUse(async () => {
      calls += 1;
      if (calls === 1) throw new Error('full');
      return calls;
    });
    await expect(get()).rejects.toThrow('full');
    expect(await get()).toBe(2);
  });
});
