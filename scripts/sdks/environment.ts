import { join } from 'node:path';

/** Nothing that the person at the keyboard has set for AWS, or for a gateway of his own, gets in. */
export function clientEnvironment(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AWS|KEYGLOT)_/.test(name) && !/^(https?|all)_proxy$/i.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    AWS_CONFIG_FILE: join(folder, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    // Byte code of the drivers must not lie in the checkout.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}
