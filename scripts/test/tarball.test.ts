import { describe, expect, test } from 'vitest';
import { type PackedManifest, tarballProblems } from '../pack/tarball.js';

const manifest: PackedManifest = {
  name: '@keyglot/thing',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  bin: { thing: './dist/main.js' },
  dependencies: { '@keyglot/core': '0.1.0' },
};
const paths = [
  'LICENSE',
  'package.json',
  'dist/index.d.ts',
  'dist/index.js',
  'dist/main.js',
  'src/index.ts',
  'src/main.ts',
];

describe('the content of a tarball', () => {
  test('is accepted when everything promised is there and nothing else', () => {
    expect(tarballProblems(manifest, paths, ['dist'])).toEqual([]);
  });

  test.each([
    'dist/.tsbuildinfo',
    'test/unit/index.test.ts',
    'src/index.test.ts',
    'node_modules/x/index.ts',
    'coverage/lcov.info',
    '.env',
  ])('is refused with %s', (path) => {
    expect(tarballProblems(manifest, [...paths, path], [])).toEqual([`${path} must not be in it`]);
  });

  test.each(['LICENSE', 'dist/index.d.ts', 'dist/main.js'])('is refused without %s', (path) => {
    const rest = paths.filter((other) => other !== path);
    expect(tarballProblems(manifest, rest, [])).toEqual([`${path} is missing`]);
  });

  test('is refused without a folder that it needs', () => {
    expect(tarballProblems(manifest, paths, ['migrations'])).toEqual(['migrations/ is missing']);
  });

  test('is refused with the output of a source that is gone', () => {
    expect(tarballProblems(manifest, [...paths, 'dist/old.js'], [])).toEqual([
      'dist/old.js has no source any more',
    ]);
  });

  test('is refused with a version that only the workspace understands', () => {
    const unpublished = { ...manifest, dependencies: { '@keyglot/core': 'workspace:*' } };
    expect(tarballProblems(unpublished, paths, [])).toEqual([
      '@keyglot/core still has the version workspace:*',
    ]);
  });
});
