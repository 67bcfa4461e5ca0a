import type { ESTree } from 'vite';
import { lineAt, visit } from './parse.js';
import type { TextFile } from './workspace.js';

/** The production clock and entropy live here, and nothing else may ask the machine for either. */
const ports = 'packages/core/src/ports/';
/** Where key pairs that no seed can make (RSA) and the gateway's certificate are generated. */
const keyGenerators = [ports, 'packages/core/src/suites/', 'packages/gateway/src/tls'];
/** The only package that reads the environment. */
const environmentReader = 'packages/cli/';

const time: Readonly<Record<string, readonly string[]>> = {
  Date: ['now'],
  performance: ['now', 'timeOrigin'],
  process: ['hrtime'],
};
const chance = new Set([
  'getRandomValues',
  'pseudoRandomBytes',
  'randomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'randomUUID',
]);
const keyGeneration = new Set([
  'generateKey',
  'generateKeyPair',
  'generateKeyPairSync',
  'generateKeySync',
  'generatePrime',
  'generatePrimeSync',
]);
/** Of the @noble packages: `keygen` without a seed and the key makers of their `utils`. */
const nobleGenerators = new Set(['randomPrivateKey', 'randomSecretKey']);

/** Finds reads of the machine's clock, chance and environment in one source file of a package. */
export function timeAndChanceViolations(file: TextFile): string[] {
  if (file.path.startsWith(ports)) return [];
  const mayGenerateKeys = keyGenerators.some((folder) => file.path.startsWith(folder));
  const found: string[] = [];
  const report = (node: { readonly start: number }, what: string): void => {
    found.push(`${file.path}:${lineAt(file, node.start)}: ${what}`);
  };
  const cryptoNames = new Set(['crypto', 'webcrypto']);

  const judge = (node: { readonly start: number }, owner: string, name: string): void => {
    if (time[owner]?.includes(name)) report(node, `${owner}.${name} outside the clock port`);
    if (owner === 'Math' && name === 'random') report(node, 'Math.random outside the entropy port');
    if (owner === 'process' && name === 'env' && !file.path.startsWith(environmentReader)) {
      report(node, 'process.env outside packages/cli');
    }
    if (!cryptoNames.has(owner)) return;
    if (chance.has(name)) report(node, `${name} outside the entropy port`);
    if (keyGeneration.has(name) && !mayGenerateKeys) report(node, `${name} outside the suites`);
  };

  visit(file, {
    ImportDeclaration: (node) => {
      const module = node.source.value.replace(/^node:/, '');
      if (module.startsWith('.')) return;
      for (const specifier of node.specifiers) {
        if (specifier.type !== 'ImportSpecifier') {
          if (module === 'crypto') cryptoNames.add(specifier.local.name);
          continue;
        }
        const name = nameOf(specifier.imported);
        if (module === 'crypto' && name === 'webcrypto') cryptoNames.add(specifier.local.name);
        if (module === 'process') judge(specifier, 'process', name);
        // Whatever package a function of such a name comes from, it asks the machine for chance.
        else if (chance.has(name) || module === 'crypto') judge(specifier, 'crypto', name);
      }
    },
    NewExpression: (node) => {
      if (lastName(node.callee) === 'Date' && node.arguments.length === 0) {
        report(node, 'new Date() outside the clock port');
      }
    },
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date') {
        report(node, 'Date() outside the clock port');
      }
      const isSeedless = lastName(node.callee) === 'keygen' && node.arguments.length === 0;
      if (isSeedless && !mayGenerateKeys) report(node, 'keygen() without a seed');
    },
    MemberExpression: (node) => {
      const name = memberName(node);
      if (name === undefined) return;
      if (nobleGenerators.has(name) && !mayGenerateKeys) report(node, `${name} outside the suites`);
      // crypto.subtle.generateKey has its owner one step further left.
      const owner = lastName(node.object);
      judge(node, owner === 'subtle' ? 'crypto' : (owner ?? ''), name);
    },
    VariableDeclarator: (node) => {
      if (node.id.type !== 'ObjectPattern' || node.init === null) return;
      for (const property of node.id.properties) {
        if (property.type !== 'Property' || property.computed) continue;
        judge(property, lastName(node.init) ?? '', nameOf(property.key));
      }
    },
  });
  return found;
}

/** `Date` of `Date`, `globalThis.Date` and `globalThis['Date']`. */
function lastName(node: ESTree.Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  return node.type === 'MemberExpression' ? memberName(node) : undefined;
}

function memberName(node: ESTree.MemberExpression): string | undefined {
  if (node.computed && node.property.type !== 'Literal') return undefined;
  return nameOf(node.property);
}

function nameOf(node: ESTree.Node): string {
  if (node.type === 'Identifier' || node.type === 'PrivateIdentifier') return node.name;
  return node.type === 'Literal' ? String(node.value) : '';
}
