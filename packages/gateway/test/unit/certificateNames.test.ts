import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MOUNTS } from '../../src/claim/place.js';
import { type Gateway, startGateway } from '../../src/index.js';
import { MEMORY_OPTIONS } from '../support/gatewayOptions.js';

let gateway: Gateway;
let authority = '';

beforeAll(async () => {
  gateway = await startGateway(MEMORY_OPTIONS);
  authority = await (await fetch(`${gateway.url}/_keyglot/ca.pem`)).text();
});
afterAll(() => gateway.close());

const PROVIDERS = [
  'kms.us-east-1.amazonaws.com',
  'kms.cn-hangzhou.aliyuncs.com',
  'iam.api.cloud.yandex.net',
  'ocapi.ncloud.com',
  'qkms.quilibrium.com',
];

test.each([
  ...MOUNTS.flatMap((name) => [`${name}.localhost`, `ci-7.${name}.localhost`]),
  ...PROVIDERS,
])('a client that trusts the authority accepts the gateway as %s', async (servername) => {
  const problem = await new Promise((resolve, reject) => {
    const socket = connect({ port: gateway.port, host: '127.0.0.1', servername, ca: authority });
    socket.on('secureConnect', () => {
      resolve(socket.authorized);
      socket.destroy();
    });
    socket.on('error', reject);
  });
  expect(problem).toBe(true);
});
