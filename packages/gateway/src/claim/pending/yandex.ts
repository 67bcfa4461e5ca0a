import { header, type RequestHead } from '@keyglot/dialect';

const HOST =
  /^(?:(?:kms|iam|operation)\.)?(?:api\.cloud\.yandex\.net|yandexcloud\.kz)$|^kms\.yandex$|^(?:kms|iam|operation|endpoint)\.api\.yandexcloud\.kz$/;
const PATHS =
  /^\/(iam\/v1\/tokens|operations\/[^/]+|endpoints|computeMetadata\/.*|kms\/v1\/asymmetric.*)$/;
const VERB = /^(?:\/kms\/v1)?\/keys\/[^/:]+(?::|%3A)[A-Za-z]/i;

/** Whether a host name is one of Yandex Cloud. @internal */
export function isYandexHost(hostname: string): boolean {
  return HOST.test(hostname);
}

/** Whether a request carries a mark of Yandex Cloud's APIs. @internal */
export function hasYandexMark(head: RequestHead): boolean {
  if (header(head, 'content-type')?.startsWith('application/grpc') === true) return true;
  if (/^(Bearer|Api-Key) /i.test(header(head, 'authorization') ?? '')) return true;
  return PATHS.test(head.path);
}

/** Whether a path has a shape that only Yandex KMS uses: `{id}:{verb}`. @internal */
export function isYandexPath(path: string): boolean {
  return VERB.test(path);
}
