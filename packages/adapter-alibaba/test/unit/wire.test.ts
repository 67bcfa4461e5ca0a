import { describe, expect, it } from 'vitest';
import { refusal, success, type WireStyle } from '../../src/wire.js';

const xml: WireStyle = { format: 'xml', root: 'KMS', requestId: 'r-1', evidence: undefined };
const json: WireStyle = { ...xml, format: 'json', evidence: 'documented; 2026-11-24; page' };

describe('success', () => {
  it('repeats list items inside of their wrapper in XML', () => {
    const keys = [
      { KeyId: 'a', KeyArn: 'x' },
      { KeyId: 'b', KeyArn: 'y' },
    ];
    expect(success({ Keys: { Key: keys }, TotalCount: 2 }, xml).body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><KMS><Keys><Key><KeyId>a</KeyId><KeyArn>x</KeyArn></Key>' +
        '<Key><KeyId>b</KeyId><KeyArn>y</KeyArn></Key></Keys><TotalCount>2</TotalCount>' +
        '<RequestId>r-1</RequestId></KMS>',
    );
    expect(success({ Keys: { Key: [] } }, xml).body).toContain('<KMS><Keys></Keys><RequestId>');
  });

  it('escapes what would be markup, and control characters by reference', () => {
    const text = 'a<b>&"\'\u0000\r\n\tü🔑\ufffe';
    expect(success({ Plaintext: text }, xml).body).toContain(
      '<Plaintext>a&#60;b&#62;&#38;&#34;&#39;&#0;&#13;\n\tü🔑&#65534;</Plaintext>',
    );
  });

  it('is one flat object in JSON, with the request id in a header too', () => {
    const { status, headers, body } = success({ Value: true }, json);
    expect(status).toBe(200);
    expect(body).toBe('{"Value":true,"RequestId":"r-1"}');
    expect(headers).toEqual([
      'Content-Type',
      'application/json;charset=utf-8',
      'Content-Length',
      '32',
      'x-acs-request-id',
      'r-1',
      'x-keyglot-evidence',
      'documented; 2026-11-24; page',
    ]);
  });
});

describe('refusal', () => {
  const error = { status: 404, code: 'Forbidden.KeyNotFound', message: 'Not <here>.' };

  it('has the members of both documented forms', () => {
    expect(JSON.parse(refusal(error, 'host:1', json).body)).toEqual({
      HttpStatus: 404,
      RequestId: 'r-1',
      HostId: 'host:1',
      Code: 'Forbidden.KeyNotFound',
      Message: 'Not <here>.',
      Recommend:
        'https://api.aliyun.com/troubleshoot?q=Forbidden.KeyNotFound&product=Kms&requestId=r-1',
    });
    const answer = refusal(error, '<h>', xml);
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('<HostId>&#60;h&#62;</HostId>');
    expect(answer.body).toContain('<Code>Forbidden.KeyNotFound</Code>');
    expect(answer.headers).toContain('text/xml;charset=utf-8');
  });
});
