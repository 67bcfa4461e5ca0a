import { isObject, type Shape, type ShapeTable, type StructureShape, shapeOf } from './shape.js';

const MOST_NAMES = 32;
const LONGEST_NAME = 64;
const NONE: readonly string[] = Object.freeze([]);

/** What to look at inside of a structure or a list. */
type Plan =
  | { readonly members: ReadonlySet<string>; readonly inside: readonly [string, Plan][] }
  | { readonly element: Plan };

/**
 * Makes a finder of members that the model does not know, in a structure and in the structures inside
 * it. Members of maps are the client's own names and are not looked at. Names are joined with dots and
 * cut at 64 characters; at most 32 are given.
 *
 * @internal
 */
export function ignoredMembersOf(
  table: ShapeTable,
  name: string,
): (value: Record<string, unknown>) => readonly string[] {
  const plan = planOf(table, shapeOf(table, name), new Map());
  return (value) => {
    if (plan === undefined) return NONE;
    let found: string[] | undefined;
    const look = (at: unknown, how: Plan, path: string): void => {
      if ('element' in how) {
        if (!Array.isArray(at)) return;
        for (let i = 0; i < at.length && (found?.length ?? 0) < MOST_NAMES; i++) {
          look(at[i], how.element, `${path}${i}.`);
        }
        return;
      }
      if (!isObject(at)) return;
      for (const member of Object.keys(at)) {
        if (how.members.has(member)) continue;
        found ??= [];
        if (found.length < MOST_NAMES) found.push(path + cut(member));
      }
      for (const [member, nested] of how.inside) look(at[member], nested, `${path}${member}.`);
    };
    look(value, plan, '');
    return found ?? NONE;
  };
}

/** A copy when it is cut: a slice would keep the whole name in memory for as long as the journal does. */
function cut(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  return Buffer.from(name.slice(0, LONGEST_NAME), 'utf16le').toString('utf16le');
}

function planOf(
  table: ShapeTable,
  shape: Shape,
  known: Map<StructureShape, Plan>,
): Plan | undefined {
  if (shape.type === 'list') {
    const element = planOf(table, shapeOf(table, shape.member), known);
    return element === undefined ? undefined : { element };
  }
  if (shape.type !== 'structure') return undefined;
  const earlier = known.get(shape);
  if (earlier !== undefined) return earlier;
  const inside: [string, Plan][] = [];
  const plan: Plan = { members: new Set(Object.keys(shape.members)), inside };
  known.set(shape, plan);
  for (const [member, of] of Object.entries(shape.members)) {
    const nested = planOf(table, shapeOf(table, of), known);
    if (nested !== undefined) inside.push([member, nested]);
  }
  return plan;
}
