import { expect, test, beforeAll, afterAll } from 'vitest';
import { base64, type NcpGateway, startNcpGateway } from '../support/ncpGateway.js';
let ncp: NcpGateway;
beforeAll(async () => { ncp = await startNcpGateway(); });
afterAll(() => ncp.close());
test('smoke', async () => {
  const tag = await ncp.makeKey();
  for (const [m, p, b] of [
    ['GET', '', undefined], ['POST', '/encrypt', { plaintext: base64('hi') }], ['POST', '/encrypt', { plaintext: [base64('hi'), base64('ho')] }],
    ['POST', '/rotate'], ['GET', '/versions'], ['POST','/create-custom-key',{bits:512,requestPlainKey:true}],['POST','/sign',{data:base64('a')}],
    ['POST','/token-generator'],['GET','/token-generator'],['POST','/token-set',{accessTokenHours:1}],['POST','/disable'],['POST','/request-deletion'],
  ] as const) {
    const a = await ncp.call(m, `/kms/v1/keys/${tag}${p}`, b, {headers: {'x-keyglot-evidence': '1'}});
    console.log(m, p, a.status, a.text, a.headers['x-keyglot-evidence']);
  }
  const rsa = await ncp.makeKey({keyType:'RSA2048'});
  const c = await ncp.call('POST', `/keys/v2/${rsa}/encrypt`, {plaintext: base64('hi')});
  console.log(c.text);
  console.log((await ncp.call('POST', `/keys/v2/${rsa}/decrypt`, {ciphertext: c.json.data?.['ciphertext']})).text);
  console.log((await ncp.call('POST', `/keys/${rsa}/get-pub-key`, {})).text);
  console.log((await ncp.call('GET', `/kms/v1/keys?pageNo=1&pageSize=10`)).text);
});
