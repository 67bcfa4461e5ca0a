import type { Belief, KeyBelief, KeyState, Sealed } from './belief.js';
import { newKey } from './belief.js';
import type { Call } from './client.js';
import type { Random } from './random.js';

/** What to look at. */
export interface Verification {
  readonly call: Call;
  readonly belief: Belief;
  readonly random: Random;
  /** Opens every ciphertext and uses every key, instead of the new ones and some of the old ones. */
  readonly full: boolean;
}

const AT_ONCE = 8;
const MAX_PAGES = 1_000;
const OLD_SHARE = 0.05;

/**
 * Compares a vault with what is believed of it and corrects the belief where it was in doubt.
 *
 * @returns what is wrong, one line each
 */
export async function verify(options: Verification): Promise<string[]> {
  const { belief, random, full } = options;
  const problems: string[] = [];
  const notice = (text: string): void => {
    problems.push(text);
  };
  const must = async (operation: string, input: object): Promise<Record<string, unknown>> => {
    const outcome = await options.call(operation, input);
    if (outcome.kind === 'done') return outcome.output;
    const why = outcome.kind === 'refused' ? outcome.code : outcome.why;
    throw new Error(`${operation} ${JSON.stringify(input).slice(0, 200)}: ${why}`);
  };
  const inTurn = <T>(list: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> =>
    inParallel(list, async (item) => {
      try {
        await work(item);
      } catch (error) {
        notice(error instanceof Error ? error.message : String(error));
      }
    });

  const found = await listAll(must, 'ListKeys', 1_000, 'Keys', 'KeyId');
  for (const id of belief.keys.keys()) if (!found.has(id)) notice(`lost: key ${id}`);
  const strangers = [...found.keys()].filter((id) => !belief.keys.has(id));
  await inTurn(strangers, async (id) => adopt(id, await describe(must, id), belief));
  belief.maybeKeys.clear();

  const present = [...belief.keys.values()].filter(({ id }) => found.has(id));
  const doubtful = new Set<KeyBelief>();
  await inTurn(present, async (key) => {
    if (key.maybeState !== undefined || key.rotation !== 'none') doubtful.add(key);
    compareKey(key, await describe(must, key.id), notice);
    if (key.signing && key.state !== 'PendingDeletion') await comparePublicKey(key, must, notice);
  });

  const aliases = await listAll(must, 'ListAliases', 100, 'Aliases', 'AliasName');
  compareAliases(belief, aliases, found, notice);

  await inTurn(present, async (key) => {
    const isNew = doubtful.has(key) || key.sealed.every(({ opened }) => !opened);
    const chosen = key.sealed.filter((one) => full || !one.opened || random.chance(OLD_SHARE));
    if (!full && !isNew && chosen.length === 0) return;
    // Enough of them stay as they are, for the next restarts to find them so.
    if (key.state !== 'Enabled' && !full && random.chance(0.5)) return;
    await enable(key, must);
    for (const sealed of chosen) await open(key, sealed, must, notice);
    if (key.signing) await must('Sign', signing(key));
    else await roundTrip(key, must, notice);
  });
  return problems;
}

type Must = (operation: string, input: object) => Promise<Record<string, unknown>>;
type Notice = (problem: string) => void;

async function describe(must: Must, id: string): Promise<Record<string, unknown>> {
  return Object((await must('DescribeKey', { KeyId: id }))['KeyMetadata']);
}

/** All items of a listing by one of their members. */
async function listAll(
  must: Must,
  operation: string,
  limit: number,
  member: string,
  name: string,
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const items = new Map<string, Readonly<Record<string, unknown>>>();
  let marker: unknown;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const input = marker === undefined ? { Limit: limit } : { Limit: limit, Marker: marker };
    const output = await must(operation, input);
    const list = output[member];
    for (const item of Array.isArray(list) ? list : []) {
      const record: Record<string, unknown> = Object(item);
      items.set(String(record[name]), record);
    }
    if (output['Truncated'] !== true) return items;
    marker = output['NextMarker'];
  }
  throw new Error(`${operation} does not end`);
}

/** A key that nobody heard of may exist when its creation got no answer, and then it must be whole. */
function adopt(id: string, metadata: Readonly<Record<string, unknown>>, belief: Belief): void {
  const description = String(metadata['Description']);
  const draft = belief.maybeKeys.get(description);
  if (draft === undefined) throw new Error(`key ${id} (${description}) was never asked for`);
  belief.maybeKeys.delete(description);
  const key = newKey(id, draft.owner, draft.signing);
  if (!draft.signing) key.rotation = 'acknowledged';
  belief.keys.set(id, key);
}

function compareKey(
  key: KeyBelief,
  metadata: Readonly<Record<string, unknown>>,
  notice: Notice,
): void {
  const state = String(metadata['KeyState']);
  const possible: readonly (string | undefined)[] = [key.state, key.maybeState];
  if (!possible.includes(state)) {
    notice(`${key.id} is ${state}, expected ${possible.filter(Boolean).join(' or ')}`);
  }
  // One of the two above, or reported.
  key.state = state as KeyState;
  key.maybeState = undefined;
  if (key.signing) return;
  const material = metadata['CurrentKeyMaterialId'];
  if (typeof material !== 'string') {
    notice(`${key.id} has no material`);
    return;
  }
  const isCurrent = material === key.materials.at(-1);
  const isUnseen = !key.materials.includes(material);
  const fits =
    key.rotation === 'none' ? isCurrent : isUnseen || (key.rotation === 'maybe' && isCurrent);
  if (!fits) notice(`${key.id} shows material ${material} after rotation: ${key.rotation}`);
  if (isUnseen) key.materials.push(material);
  key.rotation = 'none';
}

async function comparePublicKey(key: KeyBelief, must: Must, notice: Notice): Promise<void> {
  const { PublicKey: found } = await must('GetPublicKey', { KeyId: key.id });
  if (key.publicKey !== undefined && key.publicKey !== found) {
    notice(`${key.id} has another public key than before`);
  }
  key.publicKey = String(found);
}

function compareAliases(
  belief: Belief,
  found: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  keys: ReadonlyMap<string, unknown>,
  notice: Notice,
): void {
  for (const [name, item] of found) {
    const target = String(item['TargetKeyId']);
    if (!belief.aliases.has(name)) notice(`${name} was never asked for`);
    if (!keys.has(target)) notice(`${name} points to ${target}, which does not exist`);
  }
  for (const alias of belief.aliases.values()) {
    const item = found.get(alias.name);
    const target = item === undefined ? undefined : String(item['TargetKeyId']);
    const possible = [alias.target, ...(alias.maybe === undefined ? [] : [alias.maybe.target])];
    if (!possible.includes(target)) {
      const expected = possible.map((id) => id ?? 'none').join(' or ');
      notice(`${alias.name} points to ${target ?? 'none'}, expected ${expected}`);
    }
    alias.target = target;
    alias.maybe = undefined;
    if (target === undefined) belief.aliases.delete(alias.name);
  }
}

async function enable(key: KeyBelief, must: Must): Promise<void> {
  if (key.state === 'PendingDeletion') await must('CancelKeyDeletion', { KeyId: key.id });
  if (key.state !== 'Enabled') await must('EnableKey', { KeyId: key.id });
  key.state = 'Enabled';
}

async function open(key: KeyBelief, sealed: Sealed, must: Must, notice: Notice): Promise<void> {
  const input = { CiphertextBlob: sealed.blob, EncryptionContext: sealed.context };
  const { KeyId: arn, Plaintext: plaintext } = await must('Decrypt', input);
  if (!String(arn).endsWith(`/${key.id}`)) notice(`a ciphertext of ${key.id} names ${arn}`);
  if (plaintext !== sealed.plaintext) notice(`a ciphertext of ${key.id} opens to something else`);
  sealed.opened = true;
}

async function roundTrip(key: KeyBelief, must: Must, notice: Notice): Promise<void> {
  const plaintext = Buffer.from(key.id).toString('base64');
  const { CiphertextBlob: blob } = await must('Encrypt', { KeyId: key.id, Plaintext: plaintext });
  const { Plaintext: opened } = await must('Decrypt', { CiphertextBlob: blob });
  if (opened !== plaintext) notice(`${key.id} does not open what it has just sealed`);
}

function signing(key: KeyBelief): object {
  const message = Buffer.from(key.id).toString('base64');
  return { KeyId: key.id, Message: message, SigningAlgorithm: 'ECDSA_SHA_256' };
}

async function inParallel<T>(list: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const items = [...list];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const item = items[next];
      if (item === undefined) return;
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
