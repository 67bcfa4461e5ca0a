import { isObject, type Shape, type ShapeTable, shapeOf } from './shape.js';

/**
 * Takes away the nulls of members, list elements and map entries that the shape knows: they mean the
 * same as absence. Changes the value itself.
 *
 * Elements of lists too, because Athena drops them (measured 2026-09-23); inferred for other services.
 *
 * @see https://github.com/aoyagikouhei/athena-local/blob/main/CHANGELOG.md
 * @returns Whether there was anything to take away.
 * @internal
 */
export function dropNulls(table: ShapeTable, shape: Shape, value: unknown): boolean {
  let dropped = false;
  if (shape.type === 'list' && Array.isArray(value)) {
    const kept = value.filter((element) => element !== null);
    dropped = kept.length < value.length;
    if (dropped) {
      value.length = 0;
      for (const element of kept) value.push(element);
    }
    const member = shapeOf(table, shape.member);
    for (const element of kept) dropped = dropNulls(table, member, element) || dropped;
  } else if (shape.type === 'map' && isObject(value)) {
    for (const name of Object.keys(value)) {
      if (value[name] !== null) continue;
      delete value[name];
      dropped = true;
    }
  } else if (shape.type === 'structure' && isObject(value)) {
    for (const [name, of] of Object.entries(shape.members)) {
      const member = value[name];
      if (member === null) {
        delete value[name];
        dropped = true;
      } else if (typeof member === 'object') {
        dropped = dropNulls(table, shapeOf(table, of), member) || dropped;
      }
    }
  }
  return dropped;
}
