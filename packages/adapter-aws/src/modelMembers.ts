import { model } from './generated/model.js';

/** Operations of the published model whose input has this member. @public */
export function operationsTaking(member: string): ReadonlySet<string> {
  const taking = Object.entries(model.operations).filter(([, { input }]) => {
    const shape = model.shapes[input];
    return shape?.type === 'structure' && Object.hasOwn(shape.members, member);
  });
  return new Set(taking.map(([name]) => name));
}
