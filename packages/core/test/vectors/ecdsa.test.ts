import { createHash, createPublicKey } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { createSystemEntropy } from '../../src/ports/systemEntropy.js';
import type { KeySpecId } from '../../src/suites/keySpecs.js';
import { createSuites } from '../../src/suites/registry.js';
import type { PreparedMaterial } from '../../src/suites/suite.js';
import { hex } from '../support/material.js';

// https://github.com/C2SP/wycheproof, testvectors_v1/ecdsa_<curve>_<hash>_test.json; the number is
// the file's tcId.
interface Group {
  readonly suite: string;
  readonly spec: KeySpecId;
  readonly hash: string;
  readonly spki: string;
  readonly tests: readonly (readonly [number, string, string, boolean])[];
}

const P256 = '3059301306072a8648ce3d020106082a8648ce3d030107034200';
const P384 = '3076301006072a8648ce3d020106052b81040022036200';
const P521 = '30819b301006072a8648ce3d020106052b8104002303818600';
const K256 = '3056301006072a8648ce3d020106052b8104000a034200';

const GROUPS: readonly Group[] = [
  {
    suite: 'ecdsa-p256-sha256',
    spec: 'ec-p256',
    hash: 'sha256',
    spki: `${P256}0404aaec73635726f213fb8a9e64da3b8632e41495a944d0045b522eba7240fad587d9315798aaa3a5ba01775787ced05eaaf7b4e09fc81d6d1aa546e8365d525d`,
    tests: [
      [
        1,
        '',
        '3045022100b292a619339f6e567a305c951c0dcbcc42d16e47f219f9e98e76e09d8770b34a02200177e60492c5a8242f76f07bfe3661bde59ec2a17ce5bd2dab2abebdf89a62e2',
        true,
      ],
      [
        2,
        '4d7367',
        '30450220530bd6b0c9af2d69ba897f6b5fb59695cfbf33afe66dbadcf5b8d2a2a6538e23022100d85e489cb7a161fd55ededcedbf4cc0c0987e3e3f0f242cae934c72caa3f43e9',
        true,
      ],
    ],
  },
  {
    suite: 'ecdsa-p256-sha256',
    spec: 'ec-p256',
    hash: 'sha256',
    spki: `${P256}042927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e`,
    tests: [
      [
        5,
        '313233343030',
        '304402202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e1802204cd60b855d442f5b3c7b11eb6c4e0ae7525fe710fab9aa7c77a67f79e6fadd76',
        true,
      ],
      [
        6,
        '313233343030',
        '304402202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e180220b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db',
        false,
      ],
      [
        7,
        '313233343030',
        '304502202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db',
        true,
      ],
      [
        8,
        '313233343030',
        '30814502202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db',
        false,
      ],
      [
        10,
        '313233343030',
        '304602202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db',
        false,
      ],
      [
        14,
        '313233343030',
        '30847fffffff02202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db',
        false,
      ],
      [
        20,
        '313233343030',
        '308002202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db',
        false,
      ],
      [21, '313233343030', '', false],
      [
        23,
        '313233343030',
        '304702202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db0000',
        false,
      ],
      [
        25,
        '313233343030',
        '304502202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db0000',
        false,
      ],
      [
        29,
        '313233343030',
        '3047304502202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db0004deadbeef',
        false,
      ],
    ],
  },
  {
    suite: 'ecdsa-p384-sha384',
    spec: 'ec-p384',
    hash: 'sha384',
    spki: `${P384}0429bdb76d5fa741bfd70233cb3a66cc7d44beb3b0663d92a8136650478bcefb61ef182e155a54345a5e8e5e88f064e5bc9a525ab7f764dad3dae1468c2b419f3b62b9ba917d5e8c4fb1ec47404a3fc76474b2713081be9db4c00e043ada9fc4a3`,
    tests: [
      [
        1,
        '',
        '3064023032401249714e9091f05a5e109d5c1216fdc05e98614261aa0dbd9e9cd4415dee29238afbd3b103c1e40ee5c9144aee0f02304326756fb2c4fd726360dd6479b5849478c7a9d054a833a58c1631c33b63c3441336ddf2c7fe0ed129aae6d4ddfeb753',
        true,
      ],
      [
        2,
        '4d7367',
        '3066023100d7143a836608b25599a7f28dec6635494c2992ad1e2bbeecb7ef601a9c01746e710ce0d9c48accb38a79ede5b9638f3402310080f9e165e8c61035bf8aa7b5533960e46dd0e211c904a064edb6de41f797c0eae4e327612ee3f816f4157272bb4fabc9',
        true,
      ],
    ],
  },
  {
    suite: 'ecdsa-p384-sha384',
    spec: 'ec-p384',
    hash: 'sha384',
    spki: `${P384}042da57dda1089276a543f9ffdac0bff0d976cad71eb7280e7d9bfd9fee4bdb2f20f47ff888274389772d98cc5752138aa4b6d054d69dcf3e25ec49df870715e34883b1836197d76f8ad962e78f6571bbc7407b0d6091f9e4d88f014274406174f`,
    tests: [
      [
        5,
        '313233343030',
        '3064023012b30abef6b5476fe6b612ae557c0425661e26b44b1bfe19daf2ca28e3113083ba8e4ae4cc45a0320abd3394f1c548d702301840da9fc1d2f8f8900cf485d5413b8c2574ee3a8d4ca03995ca30240e09513805bf6209b58ac7aa9cff54eecd82b9f1',
        true,
      ],
      [
        6,
        '313233343030',
        '3064023012b30abef6b5476fe6b612ae557c0425661e26b44b1bfe19daf2ca28e3113083ba8e4ae4cc45a0320abd3394f1c548d70230e7bf25603e2d07076ff30b7a2abec473da8b11c572b35fc631991d5de62ddca7525aaba89325dfd04fecc47bff426f82',
        false,
      ],
      [
        7,
        '313233343030',
        '3065023012b30abef6b5476fe6b612ae557c0425661e26b44b1bfe19daf2ca28e3113083ba8e4ae4cc45a0320abd3394f1c548d7023100e7bf25603e2d07076ff30b7a2abec473da8b11c572b35fc631991d5de62ddca7525aaba89325dfd04fecc47bff426f82',
        true,
      ],
      [
        8,
        '313233343030',
        '308165023012b30abef6b5476fe6b612ae557c0425661e26b44b1bfe19daf2ca28e3113083ba8e4ae4cc45a0320abd3394f1c548d7023100e7bf25603e2d07076ff30b7a2abec473da8b11c572b35fc631991d5de62ddca7525aaba89325dfd04fecc47bff426f82',
        false,
      ],
      [
        25,
        '313233343030',
        '3065023012b30abef6b5476fe6b612ae557c0425661e26b44b1bfe19daf2ca28e3113083ba8e4ae4cc45a0320abd3394f1c548d7023100e7bf25603e2d07076ff30b7a2abec473da8b11c572b35fc631991d5de62ddca7525aaba89325dfd04fecc47bff426f820000',
        false,
      ],
    ],
  },
  {
    suite: 'ecdsa-p521-sha512',
    spec: 'ec-p521',
    hash: 'sha512',
    spki: `${P521}04012a908bfc5b70e17bdfae74294994808bf2a42dab59af8b0523a026d640a2a3d6d344520b62177e2cfa339ca42fb0883ec425904fbda2833a3b5b0a9a00811365d8012333d532f8f8eb1a623c378a3694651192bbda833e3b8d7b8f90b2bfc9b045f8a55e1b6a5fe1512c400c4bc9c86fd7c699d642f5cee9bb827c8b0abc0da01cef1e`,
    tests: [
      [
        1,
        '',
        '308188024201625d6115092a8e2ee21b9f8a425aa73814dec8b2335e86150ab4229f5a3421d2e6256d632c7a4365a1ee01dd2a936921bbb4551a512d1d4b5a56c314e4a02534c5024201b792d23f2649862595451055777bda1b02dc6cc8fef23231e44b921b16155cd42257441d75a790371e91819f0a9b1fd0ebd02c90b5b774527746ed9bfe743dbe2f',
        true,
      ],
      [
        2,
        '4d7367',
        '30818602415adc833cbc1d6141ced457bab2b01b0814054d7a28fa8bb2925d1e7525b7cf7d5c938a17abfb33426dcc05ce8d44db02f53a75ea04017dca51e1fbb14ce3311b1402415f69b2a6de129147a8437b79c72315d35173d88c2d6119085c90dae8ec05c55e067e7dfa4f681035e3dccab099291c0ecf4428332a9cb0736d16e79111ac76d766',
        true,
      ],
    ],
  },
  {
    suite: 'ecdsa-p521-sha512',
    spec: 'ec-p521',
    hash: 'sha512',
    spki: `${P521}04005c6457ec088d532f482093965ae53ccd07e556ed59e2af945cd8c7a95c1c644f8a56a8a8a3cd77392ddd861e8a924dac99c69069093bd52a52fa6c56004a074508007878d6d42e4b4dd1e9c0696cb3e19f63033c3db4e60d473259b3ebe079aaf0a986ee6177f8217a78c68b813f7e149a4e56fd9562c07fed3d895942d7d101cb83f6`,
    tests: [
      [
        5,
        '313233343030',
        '30818702414e4223ee43e8cb89de3b1339ffc279e582f82c7ab0f71bbde43dbe374ac75ffbef29acdf8e70750b9a04f66fda48351de7bbfd515720b0ec5cd736f9b73bdf8645024201d74a2f6d95be8d4cb64f02d16d6b785a1246b4ebd206dc596818bb953253245f5a27a24a1aae1e218fdccd8cd7d4990b666d4bf4902b84fdad123f941fe906d948',
        true,
      ],
      [
        6,
        '313233343030',
        '30818602414e4223ee43e8cb89de3b1339ffc279e582f82c7ab0f71bbde43dbe374ac75ffbef29acdf8e70750b9a04f66fda48351de7bbfd515720b0ec5cd736f9b73bdf8645024128b5d0926a4172b349b0fd2e929487a5edb94b142df923a697e7446acdacdba0a029e43d69111174dba2fe747122709a69ce69d5285e174a01a93022fea8318ac1',
        true,
      ],
      [
        7,
        '313233343030',
        '3082008602414e4223ee43e8cb89de3b1339ffc279e582f82c7ab0f71bbde43dbe374ac75ffbef29acdf8e70750b9a04f66fda48351de7bbfd515720b0ec5cd736f9b73bdf8645024128b5d0926a4172b349b0fd2e929487a5edb94b142df923a697e7446acdacdba0a029e43d69111174dba2fe747122709a69ce69d5285e174a01a93022fea8318ac1',
        false,
      ],
      [
        23,
        '313233343030',
        '30818602414e4223ee43e8cb89de3b1339ffc279e582f82c7ab0f71bbde43dbe374ac75ffbef29acdf8e70750b9a04f66fda48351de7bbfd515720b0ec5cd736f9b73bdf8645024128b5d0926a4172b349b0fd2e929487a5edb94b142df923a697e7446acdacdba0a029e43d69111174dba2fe747122709a69ce69d5285e174a01a93022fea8318ac10000',
        false,
      ],
    ],
  },
  {
    suite: 'ecdsa-secp256k1-sha256',
    spec: 'ec-secp256k1',
    hash: 'sha256',
    spki: `${K256}04782c8ed17e3b2a783b5464f33b09652a71c678e05ec51e84e2bcfc663a3de963af9acb4280b8c7f7c42f4ef9aba6245ec1ec1712fd38a0fa96418d8cd6aa6152`,
    tests: [
      [
        1,
        '',
        '3046022100f80ae4f96cdbc9d853f83d47aae225bf407d51c56b7776cd67d0dc195d99a9dc022100b303e26be1f73465315221f0b331528807a1a9b6eb068ede6eebeaaa49af8a36',
        true,
      ],
      [
        4,
        '0000000000000000000000000000000000000000',
        '304402204f053f563ad34b74fd8c9934ce59e79c2eb8e6eca0fef5b323ca67d5ac7ed23802204d4b05daa0719e773d8617dce5631c5fd6f59c9bdc748e4b55c970040af01be5',
        true,
      ],
    ],
  },
  {
    suite: 'ecdsa-secp256k1-sha256',
    spec: 'ec-secp256k1',
    hash: 'sha256',
    spki: `${K256}04b838ff44e5bc177bf21189d0766082fc9d843226887fc9760371100b7ee20a6ff0c9d75bfba7b31a6bca1974496eeb56de357071955d83c4b1badaa0b21832e9`,
    tests: [
      [
        5,
        '313233343030',
        '3046022100813ef79ccefa9a56f7ba805f0e478584fe5f0dd5f567bc09b5123ccbc9832365022100900e75ad233fcc908509dbff5922647db37c21f4afd3203ae8dc4ae7794b0f87',
        true,
      ],
      [
        6,
        '313233343030',
        '30440220813ef79ccefa9a56f7ba805f0e478584fe5f0dd5f567bc09b5123ccbc983236502206ff18a52dcc0336f7af62400a6dd9b810732baf1ff758000d6f613a556eb31ba',
        false,
      ],
      [
        7,
        '313233343030',
        '3045022100813ef79ccefa9a56f7ba805f0e478584fe5f0dd5f567bc09b5123ccbc983236502206ff18a52dcc0336f7af62400a6dd9b810732baf1ff758000d6f613a556eb31ba',
        true,
      ],
      [
        9,
        '313233343030',
        '30820045022100813ef79ccefa9a56f7ba805f0e478584fe5f0dd5f567bc09b5123ccbc983236502206ff18a52dcc0336f7af62400a6dd9b810732baf1ff758000d6f613a556eb31ba',
        false,
      ],
      [
        13,
        '313233343030',
        '3089010000000000000045022100813ef79ccefa9a56f7ba805f0e478584fe5f0dd5f567bc09b5123ccbc983236502206ff18a52dcc0336f7af62400a6dd9b810732baf1ff758000d6f613a556eb31ba',
        false,
      ],
    ],
  },
];

const suites = createSuites(createSystemEntropy());

afterAll(() => suites.close());

/** The vectors have no private keys, and nothing here signs. */
function verifyOnly(group: Group): PreparedMaterial {
  const publicDer = hex(group.spki);
  const publicKey = createPublicKey({ key: publicDer, format: 'der', type: 'spki' });
  return { spec: group.spec, key: publicKey, publicKey, publicDer, kept: new Map() };
}

describe.each(GROUPS.map((group) => ({ group, name: group.suite })))('$name', ({ group }) => {
  const suite = suites.digestSignatureSuite(group.suite);
  const material = verifyOnly(group);

  it.each(group.tests)('agrees with test %i in both forms', async (_id, message, der, valid) => {
    const digest = createHash(group.hash).update(hex(message)).digest();
    expect(await suite.verify(material, hex(message), hex(der))).toBe(valid);
    expect(await suite.verifyDigest(material, digest, hex(der))).toBe(valid);
  });
});
