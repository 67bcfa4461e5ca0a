import type { Unsupported } from '@keyglot/dialect';
import type { OperationName } from '../routes.js';

/** Operations of the reference that have no row. @internal */
export const UNSUPPORTED: readonly (Unsupported & { readonly name: OperationName })[] =
  Object.freeze([
    {
      name: 'Get Key Activity Logs',
      state: 'not yet',
      reason: 'needs a log of uses; answered with 404 Not Found Exception',
    },
    {
      name: 'Get Latest Use Info',
      state: 'not yet',
      reason: 'needs a log of uses; answered with 404 Not Found Exception',
    },
  ]);
