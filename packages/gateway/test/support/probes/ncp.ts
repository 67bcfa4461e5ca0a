import { base64, type SendRequest } from '../actors/actor.js';
import { ncpCall } from '../actors/ncp.js';
import type { PlainRequest } from '../httpClient.js';
import type { Probe, Probes } from './probe.js';

type Members = Readonly<Record<string, unknown>>;

const PLAINTEXT = { plaintext: base64('secret') };
const DATA = { data: base64('message') };
const SIGNER = { keyType: 'ECDSA' };
const TOKEN_HEADER = 'x-ncp-ocapi-token';

let serial = 0;

/** Requests of NAVER Cloud KMS, API 2.0 and 1.0. */
export const NCP_PROBES: Probes = {
  'Create Key': { keyless: 'makes a key in the account of its caller' },
  'Get Key List': async (home) => ({
    lists: await makeKey(home),
    request: request('GET', '?pageSize=200'),
  }),
  'Get Key Info': onKey('GET', ''),
  'Get Public Key': onKey('POST', '/get-pub-key', {}, { keyType: 'RSA2048' }),
  'Enable Key': afterwards(['POST', '/disable'], 'POST', '/enable'),
  'Disable Key': onKey('POST', '/disable'),
  'Update Key Name': onKey('PUT', '/name', { keyName: 'renamed' }),
  'Update Memo': onKey('PUT', '/memo', { memo: 'new' }),
  'Rotate Key': onKey('POST', '/rotate'),
  'Get Key Version List': onKey('GET', '/versions'),
  'Enable Key Version': async (home) => {
    const tag = await makeKey(home);
    await ncpCall(home, {}, 'POST', `/${tag}/rotate`);
    await ncpCall(home, {}, 'POST', `/${tag}/versions/1/disable`);
    return { request: request('POST', `/${tag}/versions/1/enable`) };
  },
  'Disable Key Version': afterwards(['POST', '/rotate'], 'POST', '/versions/1/disable'),
  'Request Key Deletion': onKey('POST', '/request-deletion'),
  'Cancel Key Deletion': afterwards(['POST', '/request-deletion'], 'POST', '/cancel-deletion'),
  'Delete Key': afterwards(['POST', '/request-deletion'], 'DELETE', ''),
  'Update Rotation Period': onKey(
    'PUT',
    '/rotation-period',
    { rotationPeriod: 30 },
    { isAutoRotation: true },
  ),
  'Enable Auto Rotation': onKey('POST', '/enable-auto-rotation'),
  'Disable Auto Rotation': onKey('POST', '/disable-auto-rotation', undefined, {
    isAutoRotation: true,
  }),
  ...crypto('', ''),
  ...crypto('/ncp/keys/v2', ' (API 1.0)'),
  'Create Token Generator': onKey('POST', '/token-generator'),
  'Get Token Generator': afterwards(['POST', '/token-generator'], 'GET', '/token-generator'),
  'Update Token Generator': afterwards(['POST', '/token-generator'], 'PUT', '/token-generator'),
  'Delete Token Generator': afterwards(['POST', '/token-generator'], 'DELETE', '/token-generator'),
  'Create Token Set': afterwards(['POST', '/token-generator'], 'POST', '/token-set', {}),
  'Renew Token Set': byToken('refreshToken', 'PUT', '/token-set'),
  'Create Access Token': byToken('refreshToken', 'POST', '/access-token'),
  'Validate Token': byToken('accessToken', 'GET', '/validate-token'),
  'Enable IP ACL': afterwards(ADD_RULE(), 'POST', '/acl/enable'),
  'Disable IP ACL': async (home) => {
    const tag = await makeKey(home);
    await ncpCall(home, {}, 'POST', `/${tag}/acl`, { ipList: ['127.0.0.1'] });
    await ncpCall(home, {}, 'POST', `/${tag}/acl/enable`);
    return { request: request('POST', `/${tag}/acl/disable`) };
  },
  'Get ACL Rule List': onKey('GET', '/acl'),
  'Add ACL Rule': onKey('POST', '/acl', { ipList: ['127.0.0.1'] }),
  'Delete ACL Rule': afterwards(ADD_RULE(), 'DELETE', '/acl', { ipList: ['127.0.0.1'] }),
};

type Step = readonly [method: string, rest: string, input?: Members];

function ADD_RULE(): Step {
  return ['POST', '/acl', { ipList: ['127.0.0.1'] }];
}

/** The six operations that both APIs have. */
function crypto(base: string, suffix: string): Probes {
  const at = (method: string, path: string, input: Members): PlainRequest =>
    base === ''
      ? request(method, path, input)
      : { method, path: `${base}${path}`, body: JSON.stringify(input) };
  const on =
    (action: string, input: Members, spec: Members = {}): Probe =>
    async (home) => ({ request: at('POST', `/${await makeKey(home, spec)}/${action}`, input) });
  const onMade =
    (action: string, first: string, given: Members, member: string, spec: Members = {}): Probe =>
    async (home) => {
      const tag = await makeKey(home, spec);
      const made = await ncpCall(home, {}, 'POST', `/${tag}/${first}`, given);
      const more = member === 'signature' ? given : {};
      return { request: at('POST', `/${tag}/${action}`, { ...more, [member]: made[member] }) };
    };
  return {
    [`Encrypt${suffix}`]: on('encrypt', PLAINTEXT),
    [`Decrypt${suffix}`]: onMade('decrypt', 'encrypt', PLAINTEXT, 'ciphertext'),
    [`Create Custom Key${suffix}`]: on('create-custom-key', { requestPlainKey: true }),
    [`Re-encrypt${suffix}`]: onMade('re-encrypt', 'encrypt', PLAINTEXT, 'ciphertext'),
    [`Sign${suffix}`]: on('sign', DATA, SIGNER),
    [`Verify${suffix}`]: onMade('verify', 'sign', DATA, 'signature', SIGNER),
  };
}

function request(method: string, path: string, input?: Members): PlainRequest {
  const body = input === undefined ? '' : JSON.stringify(input);
  return { method, path: `/ncp/kms/v1/keys${path}`, body };
}

async function makeKey(home: SendRequest, spec: Members = {}): Promise<string> {
  serial += 1;
  const made = await ncpCall(home, {}, 'POST', '', {
    keyName: `probe-${serial}`,
    keyType: 'AES256',
    isAutoRotation: false,
    protectionType: 'BASIC',
    ...spec,
  });
  return String(made['keyTag']);
}

function onKey(method: string, rest: string, input?: Members, spec: Members = {}): Probe {
  return async (home) => ({
    request: request(method, `/${await makeKey(home, spec)}${rest}`, input),
  });
}

function afterwards(
  [firstMethod, firstRest, given]: Step,
  method: string,
  rest: string,
  input?: Members,
): Probe {
  return async (home) => {
    const tag = await makeKey(home);
    await ncpCall(home, {}, firstMethod, `/${tag}${firstRest}`, given);
    return { request: request(method, `/${tag}${rest}`, input) };
  };
}

/** Proved by a token of the key alone. */
function byToken(member: string, method: string, rest: string): Probe {
  return async (home) => {
    const tag = await makeKey(home);
    await ncpCall(home, {}, 'POST', `/${tag}/token-generator`);
    const tokens = await ncpCall(home, {}, 'POST', `/${tag}/token-set`, {});
    const headers = { [TOKEN_HEADER]: String(tokens[member]) };
    return { byToken: true, request: { ...request(method, `/${tag}${rest}`), headers } };
  };
}
