import { createLogger, format, type Logger, transports } from 'winston';
import type { LogLevel } from './options.js';

/** A log of JSON lines on standard error; standard output belongs to the ready line. @internal */
export function createJsonLogger(level: LogLevel): Logger {
  return createLogger({
    level,
    format: format.combine(format.timestamp(), format.json()),
    transports: [
      new transports.Console({
        stderrLevels: ['error', 'warn', 'info', 'debug'],
        forceConsole: true,
      }),
    ],
  });
}

/** What a log line may say of an error: its name and message, never its fields. @internal */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Where a defect happened. @internal */
export function errorStack(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
