import { LARGE_P50_MS, REST_MIB } from './budget.js';
import type { Large } from './large.js';
import type { Measured } from './measure.js';
import type { StartTime } from './start.js';

/** Everything that a run found out. */
export interface Results {
  readonly store: string;
  readonly node: string;
  readonly rows: readonly Measured[];
  readonly starts: readonly StartTime[];
  readonly memory: { readonly restMib: number; readonly afterMib: number } | undefined;
  readonly large: Large | undefined;
}

const HEADS = [
  'operation',
  'conns',
  'req/s',
  'p50 ms',
  'p99 ms',
  'CPU µs (best)',
  '× bare',
  '× sealing',
  'budget',
];

/** Writes the results as text. */
export function resultTable(results: Results): string {
  const lines = results.rows.map((measured) => {
    const { row, gateway, bare, sealing } = measured;
    return [
      row.work,
      String(row.connections),
      gateway.perSecond.toFixed(0),
      gateway.p50Ms.toFixed(2),
      gateway.p99Ms.toFixed(2),
      `${gateway.cpuUs.toFixed(0)} (${gateway.bestCpuUs.toFixed(0)})`,
      bare === undefined ? '' : (gateway.cpuUs / bare.cpuUs).toFixed(2),
      sealing === undefined ? '' : (gateway.cpuUs / sealing.cpuUs).toFixed(2),
      verdicts(measured).join('; '),
    ];
  });
  const bare = results.rows.find(({ row }) => row.work === 'Encrypt' && row.connections === 16);
  const notes: string[] = [];
  if (bare?.bare !== undefined && bare.sealing !== undefined) {
    const [plain, sealing] = [bare.bare.cpuUs.toFixed(0), bare.sealing.cpuUs.toFixed(0)];
    notes.push(`bare node:http ${plain} µs, the same with sealing ${sealing} µs, for Encrypt`);
  }
  for (const { limit, p50Ms, p99Ms } of results.large?.pages ?? []) {
    const target = LARGE_P50_MS.get(limit) ?? Number.NaN;
    notes.push(
      `ListKeys at 100,000 keys, ${limit} a page: p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms; ${verdict('p50 ms', p50Ms, target)}`,
    );
  }
  const used = results.large?.memory.map(({ keys, mib }) => `${keys}: ${mib.toFixed(0)}`);
  if (used !== undefined) notes.push(`MiB after so many keys were used: ${used.join(', ')}`);
  for (const { what, ms, bestMs, targetMs } of results.starts) {
    notes.push(
      `${what}: ${ms.toFixed(0)} ms, best ${bestMs.toFixed(0)}; ${verdict('ms', ms, targetMs)}`,
    );
  }
  if (results.memory !== undefined) {
    const { restMib, afterMib } = results.memory;
    notes.push(
      `memory: ${restMib.toFixed(0)} MiB at rest, ${afterMib.toFixed(0)} after the run; ${verdict('MiB at rest', restMib, REST_MIB)}`,
    );
  }
  const title = `store ${results.store}, Node ${results.node}, signatures checked`;
  return [title, '', ...columns([HEADS, ...lines]), '', ...notes, ''].join('\n');
}

function verdicts({ row, gateway, bare }: Measured): string[] {
  const found: string[] = [];
  if (row.cpuUs !== undefined) found.push(verdict('µs', gateway.cpuUs, row.cpuUs));
  if (row.ratio !== undefined && bare !== undefined) {
    found.push(verdict('× bare', gateway.cpuUs / bare.cpuUs, row.ratio));
  }
  if (row.p50Ms !== undefined) found.push(verdict('p50 ms', gateway.p50Ms, row.p50Ms));
  if (row.p99Ms !== undefined) found.push(verdict('p99 ms', gateway.p99Ms, row.p99Ms));
  return found;
}

/** `met by 20 %` or `short by 20 %`, of the target. */
function verdict(unit: string, value: number, target: number): string {
  const percent = Math.round(Math.abs(1 - value / target) * 100);
  return `≤ ${target} ${unit} ${value <= target ? 'met' : 'SHORT'} by ${percent} %`;
}

function columns(lines: readonly (readonly string[])[]): string[] {
  const widths = HEADS.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  return lines.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const isText = column === 0 || column === HEADS.length - 1;
        return isText ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
