import type { Scenario } from '../scenario.js';
import { AGREEMENT_SCENARIOS } from './agreement.js';
import { ALIAS_SCENARIOS } from './aliases.js';
import { DATA_KEY_PAIR_SCENARIOS } from './dataKeyPairs.js';
import { ENCRYPTION_SCENARIOS } from './encryption.js';
import { GRANT_SCENARIOS } from './grants.js';
import { IMPORT_SCENARIOS } from './imports.js';
import { KEY_SCENARIOS } from './keys.js';
import { LATTICE_SCENARIOS } from './lattices.js';
import { MULTI_REGION_SCENARIOS } from './multiRegion.js';
import { ROTATION_SCENARIOS } from './rotation.js';
import { SIGNATURE_SCENARIOS } from './signatures.js';

/** Every operation that the AWS dialect serves, in success and in failure; a test looks. */
export const SCENARIOS: readonly Scenario[] = [
  ...KEY_SCENARIOS,
  ...ALIAS_SCENARIOS,
  ...ENCRYPTION_SCENARIOS,
  ...DATA_KEY_PAIR_SCENARIOS,
  ...SIGNATURE_SCENARIOS,
  ...AGREEMENT_SCENARIOS,
  ...LATTICE_SCENARIOS,
  ...ROTATION_SCENARIOS,
  ...MULTI_REGION_SCENARIOS,
  ...IMPORT_SCENARIOS,
  ...GRANT_SCENARIOS,
];
