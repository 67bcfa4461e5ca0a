import { ENCRYPTION_SDK } from './encryptionSdk.js';
import { GO_KMS_WRAPPING } from './goKmsWrapping.js';
import { SOPS } from './sops.js';
import type { Tool } from './tool.js';

/** Programs that people use with AWS KMS. */
export const TOOLS: readonly Tool[] = [ENCRYPTION_SDK, GO_KMS_WRAPPING, SOPS];
