import {
  createMemoryStore,
  createRootKey,
  createSystemEntropy,
  type JournalEntry,
  type KmsFault,
  openScope,
  openVault,
  type Scope,
  Secret,
  type Vault,
  withLoads,
} from '@keyglot/core';
import type { Caller, Decoded, Outcome, Protocol } from '../../src/pipeline.js';
import { createPipeline } from '../../src/pipeline.js';
import type { WireRequest, WireResponse } from '../../src/wire.js';

export const NOW_MS: number = Date.UTC(2026, 10, 24, 12);

/** Virtual time of sandbox `later` is an hour ahead. */
export async function openTestVault(): Promise<Vault> {
  const entropy = createSystemEntropy();
  const rootKey = createRootKey(new Secret(Buffer.alloc(32, 1)), entropy);
  const clock = {
    virtualMs: (sandbox: string): number => NOW_MS + (sandbox === 'later' ? 3_600_000 : 0),
    realMs: (): number => NOW_MS,
    monotonicMs: (): number => 0,
  };
  const vault = await openVault({ store: createMemoryStore(), clock, entropy, rootKey });
  // As after the first request: the record of the sandbox is in memory.
  const pinned = new Map<string, unknown>();
  await withLoads(() => openScope(vault, 'main', 'refuse', pinned));
  return vault;
}

export function requestOf(set: Partial<WireRequest> = {}): WireRequest {
  return {
    head: {
      method: 'POST',
      rawPath: '/',
      path: '/',
      query: '',
      headers: {},
      hostname: 'localhost',
    },
    body: Buffer.from('a secret body'),
    requestId: '00000000-0000-4000-8000-000000000000',
    receivedAtMs: NOW_MS,
    sandbox: 'main',
    mount: '',
    ...set,
  };
}

export interface Row {
  readonly name: string;
}

/** What the steps of a test protocol do; a step left out does the obvious. */
export interface Steps {
  authenticate?(request: WireRequest, scope: Scope): Partial<Caller>;
  decode?(request: WireRequest, caller: Caller): Partial<Decoded<Row>>;
  handle?(scope: Scope, decoded: Decoded<Row>, caller: Caller): unknown;
  encode?(output: unknown): Outcome;
  refuse?(thrown: KmsFault): Outcome;
}

export interface Run {
  readonly entries: JournalEntry[];
  readonly defects: unknown[];
  readonly handle: (request: WireRequest) => WireResponse | Promise<WireResponse>;
}

export function pipelineOf(vault: Vault, steps: Steps, explicitSandboxes = false): Run {
  const entries: JournalEntry[] = [];
  const defects: unknown[] = [];
  const protocol: Protocol<Caller, Row> = {
    authenticate: (request, scope) => ({
      dialect: 'test',
      sandbox: request.sandbox,
      audit: '',
      ...steps.authenticate?.(request, scope),
    }),
    decode: (request, caller) => ({
      row: { name: 'Operation' },
      input: 'input',
      ignored: [],
      ...steps.decode?.(request, caller),
    }),
    handle: (decoded, caller, scope) =>
      steps.handle === undefined ? 'output' : steps.handle(scope, decoded, caller),
    encode: (output, row) => steps.encode?.(output) ?? outcomeOf(200, '', `${row.name} ${output}`),
    refuse: (thrown, row, caller) =>
      steps.refuse?.(thrown) ??
      outcomeOf(
        400,
        thrown.code,
        `${row?.name ?? '-'} ${caller?.dialect ?? '-'} ${thrown.message}`,
      ),
  };
  const services = {
    vault,
    journal: { record: (entry: JournalEntry): void => void entries.push(entry) },
    onDefect: (error: unknown): void => void defects.push(error),
    explicitSandboxes,
  };
  return { entries, defects, handle: createPipeline(protocol, services) };
}

export function outcomeOf(status: number, code: string, body: string): Outcome {
  const evidence = { mark: 'documented' as const, date: '2026-11-24', source: 'test' };
  return { response: { status, headers: [], body }, code, evidence };
}
