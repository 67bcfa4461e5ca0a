import {
  CreateKeyCommand,
  DescribeKeyCommand,
  type KMSClient,
  ListResourceTagsCommand,
  paginateListResourceTags,
  type Tag,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AwsGateway,
  makeKey,
  members,
  refusal,
  refused,
  startAwsGateway,
  violation,
} from '../support/awsGateway.js';

let aws: AwsGateway;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startAwsGateway();
  kms = aws.client();
});

afterAll(() => aws.close());

const tag = (TagKey: string, TagValue = 'v'): Tag => ({ TagKey, TagValue });
const many = (count: number, from = 0): Tag[] =>
  Array.from({ length: count }, (_, n) => tag(`t${String(n + from).padStart(2, '0')}`));

async function tagsOf(KeyId: string): Promise<unknown> {
  return members(await kms.send(new ListResourceTagsCommand({ KeyId })));
}

describe('tags of a key', () => {
  test('are those of CreateKey, TagResource and UntagResource together', async () => {
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ Tags: [tag('b'), tag('a', '')] }),
    );
    const KeyId = KeyMetadata?.KeyId ?? '';
    expect(await tagsOf(KeyId)).toEqual({ Tags: [tag('a', ''), tag('b')], Truncated: false });
    const put = await kms.send(new TagResourceCommand({ KeyId, Tags: [tag('c'), tag('b', 'w')] }));
    expect(members(put)).toEqual({});
    expect(await tagsOf(KeyId)).toMatchObject({ Tags: [tag('a', ''), tag('b', 'w'), tag('c')] });
    const gone = await kms.send(
      new UntagResourceCommand({ KeyId, TagKeys: ['a', 'unknown', 'a'] }),
    );
    expect(members(gone)).toEqual({});
    expect(await tagsOf(KeyId)).toMatchObject({ Tags: [tag('b', 'w'), tag('c')] });
  });

  test('are none when nobody gave any, and keys differ by case', async () => {
    const { id } = await makeKey(kms);
    expect(await tagsOf(id)).toEqual({ Tags: [], Truncated: false });
    const Tags = [tag('__proto__', 'p'), tag('A', '1'), tag('a', '2')];
    await kms.send(new TagResourceCommand({ KeyId: id, Tags }));
    await kms.send(new UntagResourceCommand({ KeyId: id, TagKeys: ['A'] }));
    expect(await tagsOf(id)).toMatchObject({ Tags: [tag('__proto__', 'p'), tag('a', '2')] });
  });

  test.each(['TagResource', 'UntagResource', 'UpdateKeyDescription'])(
    '%s sends an empty body',
    async (operation) => {
      const { id } = await makeKey(kms);
      const more = { Tags: [tag('a')], TagKeys: ['a'], Description: '' };
      const answer = await aws.call(operation, { KeyId: id, ...more });
      expect([answer.status, answer.text]).toEqual([200, '']);
    },
  );

  test('come in pages, with a marker only when there is more', async () => {
    const { id } = await makeKey(kms);
    await kms.send(new TagResourceCommand({ KeyId: id, Tags: many(7) }));
    const pages = [];
    const paging = { client: kms, pageSize: 3 };
    for await (const page of paginateListResourceTags(paging, { KeyId: id })) pages.push(page);
    expect(pages.map(({ Tags, Truncated }) => [Tags?.length, Truncated])).toEqual([
      [3, true],
      [3, true],
      [1, false],
    ]);
    expect(pages.flatMap(({ Tags }) => Tags)).toEqual(many(7));
    expect(pages.at(-1)).not.toHaveProperty('NextMarker');
  });

  test('come in pages that go on where they were when tags change meanwhile', async () => {
    const { id } = await makeKey(kms);
    await kms.send(new TagResourceCommand({ KeyId: id, Tags: many(4) }));
    const first = await kms.send(new ListResourceTagsCommand({ KeyId: id, Limit: 2 }));
    await kms.send(new UntagResourceCommand({ KeyId: id, TagKeys: ['t01'] }));
    const next = { KeyId: id, Marker: first.NextMarker };
    const rest = await kms.send(new ListResourceTagsCommand(next));
    expect(rest.Tags?.map(({ TagKey }) => TagKey)).toEqual(['t02', 't03']);
  });

  test('come in pages whatever their keys, halves of surrogate pairs among them', async () => {
    const { id } = await makeKey(kms);
    const keys = ['a', '\ud800', '\udc00', '\udfff', '\uffff'];
    await aws.call('TagResource', { KeyId: id, Tags: keys.map((key) => tag(key)) });
    const seen: unknown[] = [];
    for (let Marker: unknown; seen.length === 0 || Marker !== undefined; ) {
      const { body } = await aws.call('ListResourceTags', { KeyId: id, Limit: 1, Marker });
      seen.push(...(body['Tags'] as readonly { TagKey: string }[]).map(({ TagKey }) => TagKey));
      Marker = body['NextMarker'];
    }
    expect(seen).toEqual(keys);
  });

  test('do not come from a marker that nobody gave', async () => {
    const { id } = await makeKey(kms);
    const answer = kms.send(new ListResourceTagsCommand({ KeyId: id, Marker: 'x' }));
    expect(await refusal(answer)).toMatchObject({ status: 400, code: 'InvalidMarkerException' });
  });
});

describe('TagResource refuses', () => {
  const RESERVED = refused('TagException', 'Tags beginning with aws: are reserved');
  const TOO_MANY = refused('TagException', 'Too many tags');

  test.each<[string, Tag[], unknown]>([
    ['a key of AWS', [tag('aws:x')], RESERVED],
    ['a key of AWS in capitals', [tag('fine'), tag('AWS:x')], RESERVED],
    ['a key twice', [tag('a'), tag('a', 'w')], refused('TagException', 'Duplicate tag keys')],
    ['51 tags', many(51), TOO_MANY],
  ])('%s', async (_what, Tags, expected) => {
    const { id } = await makeKey(kms);
    expect(await refusal(kms.send(new TagResourceCommand({ KeyId: id, Tags })))).toEqual(expected);
    expect(await tagsOf(id)).toMatchObject({ Tags: [] });
  });

  test('more than 50 tags in all, but no new value of one of 50', async () => {
    const { id } = await makeKey(kms, { Tags: many(50) });
    const one = kms.send(new TagResourceCommand({ KeyId: id, Tags: [tag('one more')] }));
    expect(await refusal(one)).toEqual(TOO_MANY);
    await kms.send(new TagResourceCommand({ KeyId: id, Tags: [tag('t07', 'new')] }));
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId: id }));
    expect([Tags?.length, Tags?.[7]]).toEqual([50, tag('t07', 'new')]);
  });

  test('all of many tags at once, even when each alone would fit', async () => {
    const { id } = await makeKey(kms, { Tags: many(48) });
    const puts = many(4, 60).map((one) =>
      kms.send(new TagResourceCommand({ KeyId: id, Tags: [one] })).then(
        () => 'put',
        (error: Error) => error.message,
      ),
    );
    expect((await Promise.all(puts)).sort()).toEqual([
      'Too many tags',
      'Too many tags',
      'put',
      'put',
    ]);
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId: id }));
    expect(Tags).toHaveLength(50);
  });

  test('a value that is too long, by its place', async () => {
    const { id } = await makeKey(kms);
    const Tags = [tag('a'), tag('b', 'v'.repeat(257))];
    expect(await refusal(kms.send(new TagResourceCommand({ KeyId: id, Tags })))).toEqual(
      violation(
        `Value '${'v'.repeat(257)}' at 'tags.2.member.tagValue' failed to satisfy constraint: Member must have length less than or equal to 256`,
      ),
    );
  });
});

test('UntagResource refuses a key of AWS', async () => {
  const { id } = await makeKey(kms);
  const answer = kms.send(new UntagResourceCommand({ KeyId: id, TagKeys: ['a', 'aws:x'] }));
  expect(await refusal(answer)).toEqual(
    refused('TagException', 'Tags beginning with aws: are reserved'),
  );
});

describe('UpdateKeyDescription', () => {
  test('replaces the description, also by nothing, and leaves all else', async () => {
    const { id } = await makeKey(kms, { Description: 'old', Tags: [tag('a')] });
    const before = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    for (const Description of ['für Übungen ☃', 'x'.repeat(8_192), '']) {
      const answer = await kms.send(new UpdateKeyDescriptionCommand({ KeyId: id, Description }));
      expect(members(answer)).toEqual({});
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
      expect(KeyMetadata).toEqual({ ...before.KeyMetadata, Description });
    }
    expect(await tagsOf(id)).toMatchObject({ Tags: [tag('a')] });
  });
});
