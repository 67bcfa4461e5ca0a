import { parseSync, Visitor, type VisitorObject } from 'vite';
import type { TextFile } from './workspace.js';

/** A module that a file names, and the line where it does. */
export interface ModuleReference {
  readonly specifier: string;
  readonly line: number;
}

/**
 * Walks the syntax tree of a TypeScript file.
 *
 * @throws Error when the file is no valid TypeScript, since a rule that reads nothing finds nothing.
 */
export function visit(file: TextFile, visitor: VisitorObject): void {
  const { program, errors } = parseSync(file.path, file.text);
  const [first] = errors;
  if (first !== undefined) throw new Error(`${file.path} cannot be parsed: ${first.message}`);
  new Visitor(visitor).visit(program);
}

/** The line number, from 1, of a character offset. */
export function lineAt(file: TextFile, offset: number): number {
  return file.text.slice(0, offset).split('\n').length;
}

/** Every module that a file imports, re-exports, requires or names in a type. */
export function moduleReferences(file: TextFile): ModuleReference[] {
  const found: ModuleReference[] = [];
  const add = (node: { readonly start: number }, source: unknown): void => {
    const specifier = literalString(source);
    if (specifier !== undefined) found.push({ specifier, line: lineAt(file, node.start) });
  };
  visit(file, {
    ImportDeclaration: (node) => add(node, node.source),
    ExportNamedDeclaration: (node) => add(node, node.source),
    ExportAllDeclaration: (node) => add(node, node.source),
    ImportExpression: (node) => add(node, node.source),
    TSImportType: (node) => add(node, node.source),
    TSExternalModuleReference: (node) => add(node, node.expression),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') {
        add(node, node.arguments[0]);
      }
    },
  });
  return found;
}

/** The value of a string literal node; nothing for any other node. */
export function literalString(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  if (!('type' in node) || node.type !== 'Literal' || !('value' in node)) return undefined;
  return typeof node.value === 'string' ? node.value : undefined;
}
