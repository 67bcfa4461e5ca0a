import { type Command, InvalidArgumentError, Option } from 'commander';

/** Forms in which a column can be given. @public */
export const FORMATS = ['jsonl', 'csv', 'lines'] as const;

/** One of {@link FORMATS}. @public */
export type Format = (typeof FORMATS)[number];

/** What `keyglot inspect` is told. @public */
export interface InspectOptions {
  /** Path of a file; undefined is standard input. */
  readonly file: string | undefined;
  /** Undefined when it is to be detected. */
  readonly format: Format | undefined;
  /** JSON member as a dotted path, or CSV column by name or by number from 1. */
  readonly column: string | undefined;
  /** Whether the report is JSON. */
  readonly json: boolean;
}

/** Adds the command `inspect` to the program; `act` gets what it was told. @internal */
export function addInspect(program: Command, act: (options: InspectOptions) => void): Command {
  return program
    .command('inspect')
    .description('say what a column of ciphertexts is, without keys and without a gateway')
    .argument('[file]', 'file with the column; - or nothing is standard input')
    .addOption(
      new Option(
        '--format <format>',
        `${FORMATS.join(', ')}; detected from the first line when left out`,
      ).argParser(formatOf),
    )
    .option(
      '--column <name>',
      'JSON member, as a dotted path, or CSV column, by the name in the first line or by number from 1',
    )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 something was recognised, 1 nothing was, 2 wrong usage or no such input.',
    )
    .action((file: string | undefined, values: Readonly<Record<string, unknown>>) => {
      const { format, column, json } = values;
      act({
        file: file === '-' ? undefined : file,
        // The parser of the flag gives nothing else.
        format: format as Format | undefined,
        column: column === undefined ? undefined : String(column),
        json: json === true,
      });
    });
}

function formatOf(text: string): Format {
  const found = FORMATS.find((format) => format === text);
  if (found === undefined) throw new InvalidArgumentError(`expected ${FORMATS.join(', ')}`);
  return found;
}
