import { header, type RequestHead } from '@keyglot/dialect';

const HOST =
  /^(?:(?:kms|iam|operation)\.)?(?:api\.cloud\.yandex\.net|yandexcloud\.kz)$|^kms\.yandex$|^(?:kms|iam|operation|endpoint)\.api\.yandexcloud\.kz$/;
const PATHS =
  /^\/(?:iam\/v1\/tokens(?:(?::|%3A).*)?|operations\/[^/]+|endpoints(?:\/[^/]+)?|computeMetadata\/.*|kms\/v1\/asymmetric.*)$/i;
const VERB = /^(?:\/kms\/v1)?\/keys\/[^/:]+(?::|%3A)[A-Za-z]/i;
const OWN_ID = /^(?:\/kms\/v1)?\/keys\/abj[0-9a-v]{17}(?:\/|$)/;

/** Whether a host name is one of Yandex Cloud. @public */
export function isYandexHost(hostname: string): boolean {
  return HOST.test(hostname);
}

/** Whether a request carries a mark of Yandex Cloud's APIs. @public */
export function hasYandexMark(head: RequestHead): boolean {
  if (header(head, 'content-type')?.startsWith('application/grpc') === true) return true;
  if (/^(Bearer|Api-Key) /i.test(header(head, 'authorization') ?? '')) return true;
  return PATHS.test(head.path);
}

/** Whether a path has a shape that only Yandex KMS uses: `{id}:{verb}`, or an id of its own. @public */
export function isYandexPath(path: string): boolean {
  return VERB.test(path) || OWN_ID.test(path);
}
