import {
  type AliasBelief,
  type Belief,
  isSettled,
  type KeyBelief,
  type KeyState,
  newKey,
} from './belief.js';
import type { Call, Outcome } from './client.js';
import type { Random } from './random.js';

/** What a step of a worker came to. */
export type Done =
  | { readonly kind: 'read' | 'wrote' | 'unknown' }
  | { readonly kind: 'problem'; readonly text: string };

/** Who a worker is. It alone changes keys and aliases with its number. */
export interface WorkerOptions {
  readonly call: Call;
  readonly belief: Belief;
  readonly number: number;
  readonly round: number;
  readonly random: Random;
}

const READ: Done = { kind: 'read' };
const WROTE: Done = { kind: 'wrote' };
const UNKNOWN: Done = { kind: 'unknown' };
const MAX_ALIASES = 40;
const MAX_ROTATIONS = 20;
const MAX_KEYS = 60;

type Action = () => Promise<Done>;

/** Makes a worker; each call of the result does one thing, with one or a few requests. */
export function createWorker(options: WorkerOptions): () => Promise<Done> {
  const { call, belief, number, round, random } = options;
  const keys: KeyBelief[] = [...belief.keys.values()].filter(({ owner }) => owner === number);
  let made = 0;

  const pick = (fits: (key: KeyBelief) => boolean): KeyBelief | undefined =>
    random.pick(keys.filter((key) => isSettled(key) && fits(key)));
  const pickAlias = (fits: (alias: AliasBelief) => boolean): AliasBelief | undefined =>
    random.pick(
      [...belief.aliases.values()].filter(
        (alias) => alias.owner === number && alias.maybe === undefined && fits(alias),
      ),
    );
  const inState =
    (state: KeyState) =>
    (key: KeyBelief): boolean =>
      key.state === state;
  const isTarget = (key: KeyBelief): boolean => key.state !== 'PendingDeletion';

  const createKey: Action = async () => {
    if (keys.length >= MAX_KEYS) return use();
    const signing = random.chance(0.1);
    const description = `round ${round} worker ${number} key ${made}`;
    made += 1;
    const kind = signing ? { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } : {};
    const outcome = await call('CreateKey', { Description: description, ...kind });
    if (outcome.kind === 'refused') return refused('CreateKey', outcome);
    if (outcome.kind === 'unknown') {
      belief.maybeKeys.set(description, { owner: number, signing });
      return UNKNOWN;
    }
    const metadata: Record<string, unknown> = Object(outcome.output['KeyMetadata']);
    const key = newKey(String(metadata['KeyId']), number, signing);
    if (!signing) key.materials.push(String(metadata['CurrentKeyMaterialId']));
    belief.keys.set(key.id, key);
    keys.push(key);
    return signing ? readPublicKey(key) : WROTE;
  };

  const readPublicKey = async (key: KeyBelief): Promise<Done> => {
    const outcome = await call('GetPublicKey', { KeyId: key.id });
    if (outcome.kind === 'done') key.publicKey = String(outcome.output['PublicKey']);
    return outcome.kind === 'refused' ? refused('GetPublicKey', outcome) : settle(outcome);
  };

  const setState = async (
    operation: string,
    from: (key: KeyBelief) => boolean,
    to: KeyState,
  ): Promise<Done> => {
    const key = pick(from);
    if (key === undefined) return createKey();
    const outcome = await call(operation, { KeyId: key.id });
    if (outcome.kind === 'refused') return refused(operation, outcome);
    if (outcome.kind === 'unknown') key.maybeState = to;
    else key.state = to;
    return settle(outcome, WROTE);
  };

  const rotate: Action = async () => {
    const fits = (key: KeyBelief): boolean =>
      !key.signing && key.state === 'Enabled' && key.rotations < MAX_ROTATIONS;
    const key = pick(fits);
    if (key === undefined) return createKey();
    const outcome = await call('RotateKeyOnDemand', { KeyId: key.id });
    if (outcome.kind === 'refused') return refused('RotateKeyOnDemand', outcome);
    key.rotations += 1;
    key.rotation = outcome.kind === 'done' ? 'acknowledged' : 'maybe';
    if (outcome.kind === 'unknown') return UNKNOWN;
    const described = await call('DescribeKey', { KeyId: key.id });
    if (described.kind === 'refused') return refused('DescribeKey', described);
    if (described.kind === 'unknown') return UNKNOWN;
    const metadata: Record<string, unknown> = Object(described.output['KeyMetadata']);
    const material = String(metadata['CurrentKeyMaterialId']);
    if (key.materials.includes(material)) return problem(`${key.id} shows its old material`);
    key.materials.push(material);
    key.rotation = 'none';
    return WROTE;
  };

  const createAlias: Action = async () => {
    const target = pick(isTarget);
    if (target === undefined) return createKey();
    let count = 0;
    for (const alias of belief.aliases.values()) {
      if (alias.target === target.id || alias.maybe?.target === target.id) count += 1;
    }
    if (count >= MAX_ALIASES) return createKey();
    const name = `alias/round-${round}-worker-${number}-${made}`;
    made += 1;
    const outcome = await call('CreateAlias', { AliasName: name, TargetKeyId: target.id });
    if (outcome.kind === 'refused') return refused('CreateAlias', outcome);
    const alias: AliasBelief = { name, owner: number, target: undefined, maybe: undefined };
    belief.aliases.set(name, alias);
    return moved(alias, target.id, outcome);
  };

  const updateAlias: Action = async () => {
    const alias = pickAlias(({ target }) => target !== undefined);
    const before = belief.keys.get(alias?.target ?? '');
    if (alias === undefined || before === undefined) return createAlias();
    // An alias may only move to a key of the same kind.
    const target = pick((key) => isTarget(key) && key.signing === before.signing);
    if (target === undefined) return createAlias();
    const input = { AliasName: alias.name, TargetKeyId: target.id };
    const outcome = await call('UpdateAlias', input);
    if (outcome.kind === 'refused') return refused('UpdateAlias', outcome);
    return moved(alias, target.id, outcome);
  };

  const deleteAlias: Action = async () => {
    const alias = pickAlias(({ target }) => target !== undefined);
    if (alias === undefined) return createAlias();
    const outcome = await call('DeleteAlias', { AliasName: alias.name });
    if (outcome.kind === 'refused') return refused('DeleteAlias', outcome);
    return moved(alias, undefined, outcome);
  };

  /** Seals under a key of anybody; only the owner can know in which state it is at this moment. */
  const use: Action = async () => {
    const symmetric = [...belief.keys.values()].filter(({ signing }) => !signing);
    const key = random.pick(symmetric);
    if (key === undefined) return createKey();
    const mine = key.owner === number && isSettled(key);
    const alias = mine ? pickAlias(({ target }) => target === key.id) : undefined;
    const context = random.chance(0.7) ? { round: String(round), worker: String(number) } : {};
    const input = { KeyId: alias?.name ?? key.id, EncryptionContext: context };
    const generate = random.chance(0.4);
    const plaintext = Buffer.from(`secret ${round} ${number} ${made}`).toString('base64');
    made += 1;
    const operation = generate ? 'GenerateDataKey' : 'Encrypt';
    const outcome = generate
      ? await call(operation, { ...input, KeySpec: 'AES_256' })
      : await call(operation, { ...input, Plaintext: plaintext });
    if (outcome.kind === 'refused') {
      const named = ['DisabledException', 'KMSInvalidStateException'].includes(outcome.code);
      return named && !(mine && key.state === 'Enabled') ? READ : refused(operation, outcome);
    }
    if (outcome.kind === 'unknown') return UNKNOWN;
    const { output } = outcome;
    const arn = String(output['KeyId']);
    if (!arn.endsWith(`/${key.id}`)) return problem(`${alias?.name ?? key.id} led to ${arn}`);
    if (mine && key.state !== 'Enabled') {
      return problem(`${operation} under ${key.id}, acknowledged as ${key.state}`);
    }
    key.sealed.push({
      blob: String(output['CiphertextBlob']),
      plaintext: generate ? String(output['Plaintext']) : plaintext,
      context,
      opened: false,
    });
    return READ;
  };

  const actions: readonly (readonly [weight: number, action: Action])[] = [
    [16, createKey],
    [14, createAlias],
    [10, updateAlias],
    [6, deleteAlias],
    [8, () => setState('DisableKey', inState('Enabled'), 'Disabled')],
    [8, () => setState('EnableKey', inState('Disabled'), 'Enabled')],
    [4, () => setState('ScheduleKeyDeletion', isTarget, 'PendingDeletion')],
    [6, () => setState('CancelKeyDeletion', inState('PendingDeletion'), 'Disabled')],
    [10, rotate],
    [18, use],
  ];
  const urn = actions.flatMap(([weight, action]) => new Array<Action>(weight).fill(action));
  return () => (random.pick(urn) ?? use)();
}

function settle(outcome: Outcome, done: Done = READ): Done {
  return outcome.kind === 'unknown' ? UNKNOWN : done;
}

function moved(alias: AliasBelief, target: string | undefined, outcome: Outcome): Done {
  if (outcome.kind === 'unknown') alias.maybe = { target };
  else alias.target = target;
  return settle(outcome, WROTE);
}

function problem(text: string): Done {
  return { kind: 'problem', text };
}

function refused(operation: string, outcome: { readonly code: string }): Done {
  return problem(`${operation} was refused with ${outcome.code}`);
}
