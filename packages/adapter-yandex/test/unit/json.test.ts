import { describe, expect, test } from 'vitest';
import { durationText, readMembers, writeJson } from '../../src/json.js';
import { CREATE_KEY_REQUEST, OPERATION, REQUEST_INFO, STATUS } from '../../src/messages.js';
import { serializeMessage } from '../../src/protobuf.js';

const period = (text: string): unknown =>
  readMembers(CREATE_KEY_REQUEST, [['rotationPeriod', text]], false).values['rotationPeriod'];

describe('durations', () => {
  test.each([
    ['604800s', { seconds: 604_800, nanos: 0 }],
    ['0s', { seconds: 0, nanos: 0 }],
    ['1.5s', { seconds: 1, nanos: 500_000_000 }],
    ['0.000000001s', { seconds: 0, nanos: 1 }],
    ['-0.250s', { seconds: 0, nanos: -250_000_000 }],
    ['-0s', { seconds: 0, nanos: 0 }],
  ])('are read from %s', (text, value) => {
    expect(period(text)).toEqual(value);
  });

  test.each(['', 's', '1', '1.s', '.5s', '+1s', '1e3s', ' 1s', '1.0000000001s', '1234567890123s'])(
    'are not read from %j',
    (text) => {
      expect(() => period(text)).toThrowError(
        expect.objectContaining({
          code: 'Transcoding',
          details: { message: "Invalid value of field 'rotation_period'" },
        }),
      );
    },
  );

  test.each([
    [{ seconds: 604_800, nanos: 0 }, '604800s'],
    [{ seconds: 1, nanos: 500_000_000 }, '1.500s'],
    [{ seconds: 0, nanos: 1 }, '0.000000001s'],
    [{ seconds: 0, nanos: 1_000 }, '0.000001s'],
    [{ seconds: 0, nanos: -250_000_000 }, '-0.250s'],
  ])('are written %j as %s', (value, text) => {
    expect(durationText(value)).toBe(text);
  });
});

test('timestamps have as many decimals as they need', () => {
  const createdAt = new Date('2018-10-17T12:44:31Z');
  const modifiedAt = new Date('2018-10-17T12:44:31.050Z');
  expect(JSON.parse(writeJson(OPERATION, { createdAt, modifiedAt }))).toEqual({
    done: false,
    createdAt: '2018-10-17T12:44:31Z',
    modifiedAt: '2018-10-17T12:44:31.050Z',
  });
});

test('an error has the bytes of the recorded body', () => {
  const status = {
    code: 16,
    message: 'Token is invalid or has expired.',
    details: [{ message: REQUEST_INFO, values: { requestId: 'e38e71c3' } }],
  };
  expect(writeJson(STATUS, status)).toBe(
    [
      '{',
      ' "code": 16,',
      ' "message": "Token is invalid or has expired.",',
      ' "details": [',
      '  {',
      '   "@type": "type.googleapis.com/google.rpc.RequestInfo",',
      '   "requestId": "e38e71c3"',
      '  }',
      ' ]',
      '}',
    ].join('\n'),
  );
  expect(serializeMessage(STATUS, status).subarray(0, 4).toString('hex')).toBe('08101220');
});
