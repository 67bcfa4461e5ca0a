import { describe, expect, it } from 'vitest';
import { open, prepareAead, sealInto } from '../../src/suites/aesGcm.js';
import { hex } from '../support/material.js';

// https://c2sp.org/XAES-256-GCM: both published vectors.
const XAES = [
  {
    name: 'most significant bit of L clear',
    key: Buffer.alloc(32, 0x01),
    aad: '',
    body: 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271',
  },
  {
    name: 'most significant bit of L set',
    key: Buffer.alloc(32, 0x03),
    aad: 'c2sp.org/XAES-256-GCM',
    body: '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d',
  },
];

describe.each(XAES)('XAES-256-GCM vector, $name', ({ key, aad, body }) => {
  const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX');
  const salt = nonce.subarray(0, 12);
  const rest = nonce.subarray(12);

  it('is sealed and opened', () => {
    const out = Buffer.alloc(28);
    const text = Buffer.from('XAES-256-GCM');
    sealInto(prepareAead(key), salt, rest, [Buffer.from(aad)], [text], out, 0);
    expect(out.toString('hex')).toBe(body);
    expect(open(prepareAead(key), salt, rest, [Buffer.from(aad)], hex(body))).toEqual(text);
  });

  it('does not depend on salt bytes after the twelfth', () => {
    const out = Buffer.alloc(28);
    const text = Buffer.from('XAES-256-GCM');
    const long = Buffer.concat([salt, Buffer.from('more')]);
    sealInto(prepareAead(key), long, rest, [Buffer.from(aad)], [text], out, 0);
    expect(out.toString('hex')).toBe(body);
  });
});

// https://github.com/C2SP/wycheproof, testvectors_v1/aes_gcm_test.json, 256-bit keys and 96-bit
// nonces: tcId, key, nonce, additional data, plaintext, ciphertext, tag.
const GCM: readonly (readonly [number, string, string, string, string, string, string])[] = [
  [
    91,
    '92ace3e348cd821092cd921aa3546374299ab46209691bc28b8752d17f123c20',
    '00112233445566778899aabb',
    '00000000ffffffff',
    '00010203040506070809',
    'e27abdd2d2a53d2f136b',
    '9a4a2579529301bcfb71c78d4060f52c',
  ],
  [
    92,
    '29d3a44f8723dc640239100c365423a312934ac80239212ac3df3421a2098123',
    '00112233445566778899aabb',
    'aabbccddeeff',
    '',
    '',
    '2a7d77fa526b8250cb296078926b5020',
  ],
  [
    93,
    '80ba3192c803ce965ea371d5ff073cf0f43b6a2ab576b208426e11409c09b9b0',
    '4da5bf8dfd5852c1ea12379d',
    '',
    '',
    '',
    '4771a7c404a472966cea8f73c8bfe17a',
  ],
  [
    94,
    'cc56b680552eb75008f5484b4cb803fa5063ebd6eab91f6ab6aef4916a766273',
    '99e23ec48985bccdeeab60f1',
    '',
    '2a',
    '06',
    '633c1e9703ef744ffffb40edf9d14355',
  ],
  [
    103,
    'ff0089ee870a4a39f645b0a5da774f7a5911e9696fc9cad646452c2aa8595a12',
    'bc2a7757d0ce2d8b1f14ccd9',
    '972ab4e06390caae8f99dd6e2187be6c7ff2c08a24be16ef',
    '748b28031621d95ee61812b4b4f47d04c6fc2ff3',
    'a929ee7e67c7a2f91bbcec6389a3caf43ab49305',
    'ebec6774b955e789591c822dab739e12',
  ],
  [
    106,
    '81b6b27e5ed90ab99fe6756d4cb41e3f07269687f5afabdb426e29096b5e4466',
    '13e727486031cca21f733375',
    '',
    '9a95a23cfb1e35d89a7597570df0fb0efcbb7429f53bebcbbfa49fa247b251a8508ad497066855d08688576188e4ffb12d1d084dcabec3d57806daf215dcc97edd',
    '7ede7368bca3c93d9f1d7f7750d6e44b1cb92c30e3c9834b0b69efd2470911644ae6f6d75715e13aea8781f8da611a13ac6364c406c1a715b7e97acb22b6e6156e',
    '74e20a93802f43407c8989a37f013802',
  ],
];

describe('AES-256-GCM', () => {
  it.each(GCM)('agrees with Wycheproof test %i', (_id, key, nonce, aad, text, cipher, tag) => {
    const ready = prepareAead(hex(key));
    const none = Buffer.alloc(0);
    const out = Buffer.alloc(text.length / 2 + 16);
    sealInto(ready, none, hex(nonce), [hex(aad)], [hex(text)], out, 0);
    expect(out.toString('hex')).toBe(cipher + tag);
    expect(open(ready, none, hex(nonce), [hex(aad)], out)).toEqual(hex(text));
  });
});
