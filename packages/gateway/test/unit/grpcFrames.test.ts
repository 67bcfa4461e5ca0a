import { expect, test } from 'vitest';
import { createFrameReader, framed } from '../../src/net/grpcFrames.js';

test('a message comes back from its frame, however it was cut', () => {
  const message = Buffer.from('hello');
  const frame = framed(message);
  for (let cut = 0; cut <= frame.length; cut += 1) {
    const reader = createFrameReader(5);
    expect(reader.push(frame.subarray(0, cut))).toBeUndefined();
    expect(reader.push(frame.subarray(cut))).toBeUndefined();
    expect(reader.end()).toEqual({ kind: 'message', message });
  }
});

test('a message above the limit is refused by its head', () => {
  const reader = createFrameReader(4);
  expect(reader.push(framed(Buffer.alloc(5)).subarray(0, 5))).toEqual({
    kind: 'too large',
    sizeBytes: 5,
  });
});

test.each([
  ['compressed', Buffer.from([1, 0, 0, 0, 0])],
  ['malformed', Buffer.from([2, 0, 0, 0, 0])],
  ['malformed', Buffer.concat([framed(Buffer.alloc(0)), Buffer.from([0])])],
])('%s is said as soon as it shows', (kind, bytes) => {
  expect(createFrameReader(10).push(bytes)).toEqual({ kind });
});

test.each([[Buffer.alloc(0)], [Buffer.alloc(4)], [framed(Buffer.alloc(3)).subarray(0, 7)]])(
  'an end in the middle is malformed',
  (bytes) => {
    const reader = createFrameReader(10);
    expect(reader.push(bytes)).toBeUndefined();
    expect(reader.end()).toEqual({ kind: 'malformed' });
  },
);
