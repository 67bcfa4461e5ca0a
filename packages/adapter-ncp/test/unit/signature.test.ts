import { expect, test } from 'vitest';
import { type Signed, signatureOf, stringToSign } from '../../src/signature.js';

const TAG = '0123456789abcdef'.repeat(4);
const accessKey = 'EXAMPLEACCESSKEY0001';
const secretKey = 'EXAMPLESECRETKEY0001abcdefghijklmnopqrst';
const apiKey = 'EXAMPLEAPIGWKEY0001';
const timestamp = '1733460541703';

const signature = (signed: Signed, secret: string): string =>
  signatureOf(stringToSign(signed), secret);

// Computed apart from the product by two independent implementations of HMAC.
test.each([
  ['POST', `/kms/v1/keys/${TAG}/re-encrypt`, 'VRJiDgrugGI3BIig3uixg6207GlyLmYBMtZ/uhq0AOg='],
  ['POST', `/keys/v2/${TAG}/reencrypt`, 'jSJwd2roYvUAksgRMrg326qD1qUSJv+YFjATwzQGzi4='],
  ['GET', '/kms/v1/keys?pageNo=1&pageSize=1', 'dQdaAo1Xcw5nretRq3mQczBRgybAk8zi1rDURb6rzFI='],
])('signs %s %s by scheme v2', (method, target, expected) => {
  const signed = { method, target, timestamp, apiKey: undefined, accessKey };
  expect(signature(signed, secretKey)).toBe(expected);
});

test('signs with the API key by scheme v1', () => {
  const target = `/keys/v1/${TAG}/reencrypt`;
  const signed = { method: 'POST', target, timestamp, apiKey, accessKey };
  expect(signature(signed, secretKey)).toBe('mQV7WB9NNCPQTuN+iD160hjEo7vyizUqO/cqIdcvAug=');
});

// https://github.com/GreedyLabs/ncloud-community-sdk, sdk/auth/hmacv2_test.go
test('signs as a client of somebody else does', () => {
  const signed = {
    method: 'POST',
    target: '/vserver/v2/createServerInstances?regionCode=KR',
    timestamp: '1700000000000',
    apiKey: undefined,
    accessKey: 'AK_TEST',
  };
  expect(signature(signed, 'SK_TEST')).toBe('xBcE26XFU55BMjppdPT7ZY3oDrqoOedfPyAn3Cq4lUw=');
});
