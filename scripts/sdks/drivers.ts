import { join } from 'node:path';
import { root } from '../bootstrap.mjs';
import type { DriverCommand } from './driver.js';
import { clientEnvironment } from './environment.js';
import { KITS, type Kit, pythonOf } from './kits.js';
import type { DriverName } from './scenario.js';

/** A client and what runs it. */
export interface DriverRow {
  readonly name: DriverName;
  readonly kit: Kit;
  command(folder: string): Omit<DriverCommand, 'cwd' | 'env'>;
}

const source = (file: string): string => join(root, 'scripts/sdks/drivers', file);

/** Every client that runs the scenarios. */
export const DRIVERS: readonly DriverRow[] = [
  {
    name: 'javascript',
    kit: KITS.javascript,
    command: () => ({ command: process.execPath, args: [source('javascript/driver.mjs')] }),
  },
  {
    name: 'boto3',
    kit: KITS.python,
    command: (folder) => ({
      command: pythonOf(folder),
      args: [source('python/boto3_driver.py')],
    }),
  },
  {
    name: 'go',
    kit: KITS.go,
    command: (folder) => ({ command: join(folder, 'driver'), args: [] }),
  },
  {
    name: 'java',
    kit: KITS.java,
    command: (folder) => ({
      command: 'java',
      args: ['-cp', [join(folder, 'classes'), join(folder, 'lib/*')].join(':'), 'KmsDriver'],
    }),
  },
  {
    name: 'cli',
    kit: KITS.python,
    command: (folder) => ({ command: pythonOf(folder), args: [source('python/cli_driver.py')] }),
  },
];

/** How a client's driver is started. */
export function driverCommand(row: DriverRow, folder: string): DriverCommand {
  return { ...row.command(folder), cwd: folder, env: clientEnvironment(folder) };
}
