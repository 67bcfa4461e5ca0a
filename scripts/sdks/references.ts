import type { Tree } from './protocol.js';

const whole = /^<([A-Za-z][\w.]*)>$/;
const within = /<([A-Za-z][\w.]*)>/g;

/**
 * Puts what earlier steps saved in the place of references.
 *
 * @throws Error when nothing was saved there
 */
export function resolve<Value extends Tree>(value: Value, saved: ReadonlyMap<string, Tree>): Value {
  // Only texts change, and a text may become any value: the callers read members by the model.
  return resolved(value, saved) as Value;
}

/** Whether all that a value refers to has been saved. */
export function resolvable(value: Tree, saved: ReadonlyMap<string, Tree>): boolean {
  try {
    resolve(value, saved);
    return true;
  } catch {
    return false;
  }
}

function resolved(value: Tree, saved: ReadonlyMap<string, Tree>): Tree {
  if (typeof value === 'string') {
    const path = whole.exec(value)?.[1];
    if (path !== undefined) return lookUp(path, saved);
    return value.replace(within, (_, part: string) => characters(part, lookUp(part, saved)));
  }
  if (Array.isArray(value)) return value.map((item: Tree) => resolved(item, saved));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, resolved(item, saved)]),
  );
}

function lookUp(path: string, saved: ReadonlyMap<string, Tree>): Tree {
  const [name = '', ...members] = path.split('.');
  let found: Tree | undefined = saved.get(name);
  for (const member of members) found = memberOf(found, member);
  if (found === undefined) throw new Error(`nothing is saved as <${path}>`);
  return found;
}

function memberOf(value: Tree | undefined, member: string): Tree | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member))
    return undefined;
  return (value as { readonly [name: string]: Tree })[member];
}

function characters(path: string, value: Tree): string {
  if (typeof value !== 'string') throw new Error(`<${path}> within a text is not a text`);
  return value;
}
