import { createKey, createMemoryStore, createSystemClock, createSystemEntropy, createRootKey, openVault, Secret, withLoads } from '@keyglot/core';
import { createPostgresStore, startEmbeddedPostgres } from '@keyglot/store-postgres';
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
const entropy = createSystemEntropy(), clock = createSystemClock();
const rootKey = createRootKey(new Secret(entropy.bytes(32)), entropy);
const dir = mkdtempSync('/tmp/kg-mem-'); chmodSync(dir, 0o755);
const pg = await startEmbeddedPostgres({ dataDir: dir + '/data', systemFolders: [dir + '/system'], entropy, log() {} });
const store = await createPostgresStore({ url: pg.connection, clock, entropy, shared: process.argv[2] === 'shared' });
const vault = await openVault({ store, clock, entropy, rootKey, cacheBytes: 96 << 20 });
const show = (what) => { const before = process.memoryUsage(); globalThis.gc?.(); const m = process.memoryUsage(); const M = (x) => (x / 1048576).toFixed(0);
  console.log(what, 'rss', M(before.rss), '->', M(m.rss), 'heapUsed', M(before.heapUsed), '->', M(m.heapUsed), 'total', M(m.heapTotal), 'ext', M(before.external), '->', M(m.external), 'ab', M(m.arrayBuffers), JSON.stringify(vault.keys.usage())); };
const par = async (n, at, f) => { let i = 0; await Promise.all(Array.from({ length: at }, async () => { while (i < n) await f(i++); })); };
show('start');
const N = 40000, ids = [];
for (let r = 0; r < 5; r++) {
  await par(N / 5, 16, async (i) => { const k = await createKey(vault, { sandbox: 'main', realm: { dialect: 'aws', tenant: 't', region: 'r' }, wireId: `k-${r}-${i}`, spec: 'aes-256', usages: ['encrypt'], attributes: {}, versionWireId: (f) => f.toString('hex') }, 0); ids.push(k.record.wireId); });
  show('made ' + ids.length);
}
for (let r = 0; r < 7; r++) {
  await par(N / 5, 16, async (i) => { const id = ids[(r * N / 5 + i) % N]; const scope = { sandbox: 'main', nowMs: 0, pinned: new Map() };
    const k = await withLoads(() => vault.keys.byWireId(scope, 'aws', id, () => true)); k.primary().aead('aws'); });
  show('used ' + (r + 1) * N / 5);
}
await vault.close(); await pg.stop(); rmSync(dir, { recursive: true, force: true });
