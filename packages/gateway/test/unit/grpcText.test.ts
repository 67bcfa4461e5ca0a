import { expect, test } from 'vitest';
import { encodeGrpcMessage, readGrpcTimeout } from '../../src/net/grpcText.js';

test.each([
  ['plain text', 'plain text'],
  ['100%', '100%25'],
  ['a\nb', 'a%0Ab'],
  ['~ \x7f', '~ %7F'],
  ['Ключ', '%D0%9A%D0%BB%D1%8E%D1%87'],
  ['', ''],
])('the message %j is sent as %s', (text, encoded) => {
  expect(encodeGrpcMessage(text)).toBe(encoded);
});

test.each([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3_000],
  ['4m', 4],
  ['5u', 0.005],
  ['99999999n', 99.999999],
])('the timeout %s is %d ms', (text, ms) => {
  expect(readGrpcTimeout(text)).toBeCloseTo(ms, 9);
});

test.each(['', 'S', '1', '1s', '-1S', '1.5S', '123456789S', '1S '])('%j is no timeout', (text) => {
  expect(readGrpcTimeout(text)).toBeUndefined();
});
