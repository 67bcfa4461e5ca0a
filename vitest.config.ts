import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string =>
  fileURLToPath(new URL(`packages/${path}`, import.meta.url));

// Tests read TypeScript sources, so that they need no build; the built program has tests of its own.
export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^@keyglot\/(core|adapter-aws)\/testing$/,
        replacement: source('$1/src/testing/index.ts'),
      },
      { find: /^@keyglot\/(adapter-[a-z]+)\/claim$/, replacement: source('$1/src/claim.ts') },
      {
        find: /^@keyglot\/gateway\/inspectors$/,
        replacement: source('gateway/src/inspectors.ts'),
      },
      { find: /^@keyglot\/([a-z-]+)$/, replacement: source('$1/src/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    // The default leaves one processor idle, which is half of a small machine.
    maxWorkers: '100%',
    // A pair of RSA-4096 keys can take a busy machine more than half a minute.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/core/src/**', 'packages/dialect/src/**'],
      exclude: [
        // Runs in a thread of its own, where coverage does not count; cryptoThread.test.ts tests it.
        'packages/core/src/suites/cryptoWorker.mjs',
        // Tests themselves: what they do not run depends on the store under test.
        'packages/core/src/testing/**',
      ],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
