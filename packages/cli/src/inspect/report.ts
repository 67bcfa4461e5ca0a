import type { Inspector } from '@keyglot/gateway';
import { BARE_BYTES } from './classify.js';
import { boundsOf, type Places, type Range } from './counts.js';
import { OBSTACLES, type Obstacle } from './fit.js';
import type { Format } from './options.js';
import { PROBLEMS, type Problem } from './problems.js';
import type { LayoutTally, Tally } from './tally.js';

/** How often, and the numbers of the first lines. @internal */
export interface Counted {
  readonly count: number;
  readonly lines: readonly number[];
}

/** Sizes in bytes from `min` to `max`, both included. @internal */
export interface SizeCount extends Readonly<Range> {
  readonly count: number;
}

/** What was found of one layout. @internal */
export interface LayoutReport {
  readonly dialect: string;
  readonly count: number;
  readonly plaintextBytes: Readonly<Range>;
  readonly ciphertextBytes: Readonly<Range>;
  readonly sizes: readonly SizeCount[];
  /** By key or key version, most frequent first. */
  readonly keys: readonly { readonly key: string; readonly count: number }[];
  /** Ciphertexts of keys beyond those that are counted one by one. */
  readonly otherKeys: number;
}

/** What would not fit one dialect. @internal */
export interface TargetReport {
  readonly dialect: string;
  readonly maxPlaintextBytes: number;
  readonly plaintextIsText: boolean;
  readonly maxCiphertextBytes: number | null;
  /** Ciphertexts of other dialects. */
  readonly compared: number;
  /** Of them, those whose plaintext fits in every way. */
  readonly fitting: number;
  readonly obstacles: readonly (Counted & {
    readonly from: string;
    readonly reason: Obstacle;
  })[];
}

/** What `keyglot inspect --json` prints. @internal */
export interface Report {
  readonly format: Format;
  readonly values: number;
  readonly recognised: number;
  readonly dialects: readonly LayoutReport[];
  /** As long as RSA ciphertexts: asymmetric or foreign. */
  readonly asymmetricOrForeign: readonly (Counted & { readonly bytes: number })[];
  readonly unrecognised: readonly (Counted & { readonly reason: Problem })[];
  readonly targets: readonly TargetReport[];
}

/** Makes the report of a tally. It has ids and numbers, but nothing else of any value. @internal */
export function reportOf(tally: Tally, format: Format): Report {
  const { values, layouts, bare, problems } = tally;
  const found = layouts.filter(({ count }) => count > 0);
  const recognised = found.reduce((sum, { count }) => sum + count, 0);
  return {
    format,
    values,
    recognised,
    dialects: found.map(layoutReport),
    asymmetricOrForeign: BARE_BYTES.flatMap((bytes) =>
      counted(bare.get(bytes)).map((places) => ({ bytes, ...places })),
    ),
    unrecognised: keysOf(PROBLEMS).flatMap((reason) =>
      counted(problems.get(reason)).map((places) => ({ reason, ...places })),
    ),
    targets: recognised === 0 ? [] : layouts.map((layout) => targetReport(layout, found)),
  };
}

function layoutReport(layout: LayoutTally): LayoutReport {
  const { inspector, count, plaintextBytes, ciphertextBytes, sizes, keys } = layout;
  return {
    dialect: inspector.name,
    count,
    plaintextBytes,
    ciphertextBytes,
    sizes: [...sizes]
      .sort(([a], [b]) => a - b)
      .map(([bucket, times]) => ({ ...boundsOf(bucket), count: times })),
    keys: [...keys.byKey]
      .map(([key, times]) => ({ key, count: times }))
      .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1)),
    otherKeys: keys.others,
  };
}

function targetReport(target: LayoutTally, found: readonly LayoutTally[]): TargetReport {
  const { inspector, obstacles } = target;
  const sources = found.filter((layout) => layout !== target);
  const compared = sources.reduce((sum, { count }) => sum + count, 0);
  const listed = sources.flatMap(({ inspector: from }) => obstaclesFrom(from, obstacles.get(from)));
  const kept = listed
    .filter(({ reason }) => reason !== 'ciphertext-limit')
    .reduce((sum, { count }) => sum + count, 0);
  return {
    dialect: inspector.name,
    maxPlaintextBytes: inspector.maxPlaintextBytes,
    plaintextIsText: inspector.plaintextIsText,
    maxCiphertextBytes: inspector.maxCiphertextBytes ?? null,
    compared,
    fitting: compared - kept,
    obstacles: listed,
  };
}

function obstaclesFrom(
  { name: from }: Inspector,
  obstacles: ReadonlyMap<Obstacle, Places> | undefined,
): TargetReport['obstacles'] {
  return keysOf(OBSTACLES).flatMap((reason) =>
    counted(obstacles?.get(reason)).map((places) => ({ from, reason, ...places })),
  );
}

function counted(places: Places | undefined): readonly Counted[] {
  return places === undefined ? [] : [{ count: places.count, lines: places.lines }];
}

/** Object.keys, which gives the names of a constant record as texts of any kind. */
function keysOf<Name extends string>(record: Readonly<Record<Name, unknown>>): readonly Name[] {
  // A constant record has no other keys than its type says.
  return Object.keys(record) as Name[];
}
