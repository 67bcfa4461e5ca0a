import { KmsFault, SYSTEM_SANDBOX, type Vault } from '@keyglot/core';
import {
  CREDENTIAL_KIND,
  type CredentialDraft,
  type CredentialForm,
  registerCredential,
  removeCredential,
} from '@keyglot/dialect';
import { type Request, type Response, Router } from 'express';
import { SANDBOX_NAME } from '../claim/place.js';
import { refuse } from './guard.js';

const LIST_LIMIT = 1_000;
const COMMON_MEMBERS = ['dialect', 'sandbox', 'expiresAt'];

/**
 * Registered credentials: from then on requests with such an access key must carry a valid signature.
 * Secrets go in and never come out.
 *
 * @internal
 */
export function credentialRoutes(vault: Vault, forms: readonly CredentialForm[]): Router {
  const router = Router();
  const formOf = (dialect: string): CredentialForm | undefined =>
    forms.find((form) => form.dialects.includes(dialect));

  router.post('/', async (request: Request, response: Response) => {
    const given = textsOf(request.body);
    const form = given instanceof Map ? formOf(given.get('dialect') ?? 'aws') : undefined;
    if (!(given instanceof Map) || form === undefined) {
      const dialects = forms.flatMap((one) => one.dialects).join(', ');
      refuse(
        response,
        400,
        typeof given === 'string' ? given : `dialect must be one of ${dialects}`,
      );
      return;
    }
    const draft = draftOf(given, form);
    if (typeof draft === 'string') {
      refuse(response, 400, draft);
      return;
    }
    try {
      const isNew = await registerCredential(vault, form, draft);
      const { dialect, id, sandbox } = draft;
      const shown = { dialect, [form.idMember]: id, ...Object.fromEntries(draft.open), sandbox };
      response.status(isNew ? 201 : 200).json(shown);
    } catch (error) {
      const raced = error instanceof KmsFault && ['Conflict', 'AlreadyExists'].includes(error.code);
      if (!raced) throw error;
      refuse(response, 409, 'somebody else is registering this credential at the moment');
    }
  });

  router.get('/', async (request: Request, response: Response) => {
    const after = typeof request.query['after'] === 'string' ? request.query['after'] : undefined;
    const page = { after, limit: LIST_LIMIT };
    const found = await vault.resources.list(SYSTEM_SANDBOX, CREDENTIAL_KIND, undefined, page);
    response.json({ credentials: found.map(({ body }) => body) });
  });

  router.delete('/:dialect/:id', async (request: Request, response: Response) => {
    const form = formOf(String(request.params['dialect']));
    const id = String(request.params['id']);
    const existed = form !== undefined && (await removeCredential(vault, form, id));
    if (existed) response.status(204).end();
    else refuse(response, 404, `no credential ${id} is registered`);
  });
  return router;
}

function textsOf(body: unknown): ReadonlyMap<string, string> | string {
  if (typeof body !== 'object' || body === null) return 'the body must be a JSON object';
  const texts = new Map<string, string>();
  for (const [member, value] of Object.entries(body)) {
    if (typeof value !== 'string') return `${member} must be a text`;
    texts.set(member, value);
  }
  return texts;
}

/** The registration in a body, or what is wrong with it. */
function draftOf(
  given: ReadonlyMap<string, string>,
  form: CredentialForm,
): CredentialDraft | string {
  const { idMember, secretMembers, openMembers } = form;
  const known = [...COMMON_MEMBERS, idMember, ...secretMembers, ...openMembers];
  const unknown = [...given.keys()].find((member) => !known.includes(member));
  if (unknown !== undefined) return `unknown member ${unknown}; known: ${known.join(', ')}`;
  const required = form.identify ? [] : [idMember, secretMembers[0] ?? ''];
  const missing = required.find((member) => !given.get(member));
  if (missing !== undefined) return `${missing} is required`;
  const wrong = form.check(given);
  if (wrong !== undefined) return wrong;
  const sandbox = given.get('sandbox') ?? '';
  if (sandbox !== '' && !SANDBOX_NAME.test(sandbox)) {
    return 'sandbox must be 1 to 63 lower-case letters, digits or hyphens';
  }
  const expiresAt = given.get('expiresAt');
  const expiresAtMs = expiresAt === undefined ? 0 : Date.parse(expiresAt);
  if (Number.isNaN(expiresAtMs)) return 'expiresAt must be an ISO 8601 date and time';
  const pick = (members: readonly string[]): ReadonlyMap<string, string> =>
    new Map([...given].filter(([member]) => members.includes(member)));
  return {
    dialect: given.get('dialect') ?? form.dialects[0] ?? '',
    id: form.identify?.(given) ?? given.get(idMember) ?? '',
    sandbox,
    expiresAtMs,
    open: pick(openMembers),
    secret: pick(secretMembers),
  };
}
