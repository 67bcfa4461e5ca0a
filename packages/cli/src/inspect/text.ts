import type { Range } from './counts.js';
import { OBSTACLES } from './fit.js';
import { PROBLEMS } from './problems.js';
import type { Counted, LayoutReport, Report, TargetReport } from './report.js';
import { table } from './table.js';

const SHOWN_KEYS = 10;

/** The report as a text for people, with a line end. @internal */
export function textOf(report: Report): string {
  const { values, recognised, dialects, targets } = report;
  const parts = [
    `${number(values)} values, ${number(recognised)} recognised`,
    ...(recognised === 0 ? [] : [overview(dialects), histogram(dialects)]),
    ...dialects.map(keys),
    ...others(report),
    ...moves(targets),
  ];
  return `${parts.join('\n\n')}\n`;
}

function overview(dialects: readonly LayoutReport[]): string {
  return table(
    ['dialect', 'ciphertexts', 'plaintext bytes', 'ciphertext bytes'],
    dialects.map(({ dialect, count, plaintextBytes, ciphertextBytes }) => [
      dialect,
      number(count),
      range(plaintextBytes),
      range(ciphertextBytes),
    ]),
  );
}

function histogram(dialects: readonly LayoutReport[]): string {
  const bounds = new Map(
    dialects
      .flatMap(({ sizes }) => sizes)
      .sort((a, b) => a.max - b.max)
      .map(({ min, max }) => [max, { min, max }]),
  );
  return table(
    ['plaintext bytes', ...dialects.map(({ dialect }) => dialect)],
    [...bounds.values()].map((bucket) => [
      range(bucket),
      ...dialects.map(({ sizes }) => {
        const found = sizes.find(({ max }) => max === bucket.max);
        return found === undefined ? '' : number(found.count);
      }),
    ]),
  );
}

function keys({ dialect, keys: all, otherKeys }: LayoutReport): string {
  const shown = all.slice(0, SHOWN_KEYS);
  const hidden = all.slice(SHOWN_KEYS);
  const rest = hidden.reduce((sum, { count }) => sum + count, 0) + otherKeys;
  const more = `${number(hidden.length)}${otherKeys > 0 ? ' or more' : ''} others`;
  return table(
    [`key or version of ${dialect}`, 'ciphertexts'],
    [
      ...shown.map(({ key, count }) => [key, number(count)]),
      ...(rest > 0 ? [[more, number(rest)]] : []),
    ],
  );
}

function others({ asymmetricOrForeign, unrecognised }: Report): readonly string[] {
  const rows = [
    ...asymmetricOrForeign.map((one) => row(`asymmetric or foreign, ${one.bytes} bytes`, one)),
    ...unrecognised.map((one) => row(PROBLEMS[one.reason], one)),
  ];
  return rows.length === 0 ? [] : [table(['not recognised', 'values', 'first lines'], rows)];
}

function moves(targets: readonly TargetReport[]): readonly string[] {
  const compared = targets.filter((target) => target.compared > 0);
  if (compared.length === 0) return [];
  const rows = compared.flatMap((target) => [
    [target.dialect, `${number(target.fitting)} of ${number(target.compared)}`, limit(target), ''],
    ...target.obstacles.map(({ from, reason, count, lines }) => [
      `  from ${from}`,
      number(count),
      OBSTACLES[reason],
      lines.join(', '),
    ]),
  ]);
  return [table(['moving to', 'ciphertexts', 'why', 'first lines'], rows)];
}

function limit({ maxPlaintextBytes, plaintextIsText }: TargetReport): string {
  const bytes = `${number(maxPlaintextBytes)} bytes${plaintextIsText ? ' of text' : ''}`;
  return `fit in every way, up to ${bytes}`;
}

function row(what: string, { count, lines }: Counted): readonly string[] {
  return [what, number(count), lines.join(', ')];
}

function range({ min, max }: Readonly<Range>): string {
  return min === max ? number(min) : `${number(min)} - ${number(max)}`;
}

/** With separators, the same on every machine. */
function number(value: number): string {
  return value.toLocaleString('en-US');
}
