import type { CoverageRow, Unsupported } from '@keyglot/dialect';
import type { AnyYandexOperation } from './call.js';
import { fullName, METHODS, type Method } from './methods.js';
import { OPERATIONS } from './operations/index.js';

const ROWS: ReadonlyMap<string, AnyYandexOperation> = new Map(
  OPERATIONS.map((row) => [fullName(row), row]),
);

/** The row that serves a method, or undefined while there is none. @internal */
export function rowOf(method: Method): AnyYandexOperation | undefined {
  return ROWS.get(fullName(method));
}

/** Methods of the published interface that have no row, and why. @internal */
export const UNSUPPORTED: readonly Unsupported[] = METHODS.filter(
  (method) => rowOf(method) === undefined,
).map((method) => ({ name: nameOf(method), reason: reasonOf(method), state: 'not yet' }));

/** Every method of the published interface, in its order. @internal */
export function coverage(): readonly CoverageRow[] {
  return METHODS.map((method) => {
    const row = rowOf(method);
    const line = { dialect: 'yandex', operation: nameOf(method) };
    if (row === undefined) {
      const note = `${reasonOf(method)}: UNIMPLEMENTED`;
      return { ...line, state: 'not yet', evidence: undefined, note };
    }
    const state = row.simulated === undefined ? 'done' : 'simulated';
    return { ...line, state, evidence: row.evidence, note: row.simulated ?? '' };
  });
}

/** `SymmetricCrypto.ReEncrypt`, as the documentation's titles have it. */
function nameOf({ service, name }: Method): string {
  const short = service.slice(service.lastIndexOf('.') + 1).replace(/Service$/, '');
  return `${short}.${name}`;
}

function reasonOf({ service, name }: Method): string {
  if (service.includes('.asymmetric')) return 'asymmetric keys are not served yet';
  if (name.endsWith('AccessBindings')) return 'access bindings are not evaluated yet';
  return 'not served yet';
}
