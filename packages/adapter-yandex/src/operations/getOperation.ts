import type { YandexOperation } from '../call.js';
import { findOperation } from '../longRunning.js';
import { nothing } from '../resolve.js';
import { documented } from './shared.js';

interface Input {
  readonly operationId: string;
}

/** OperationService.Get. @internal */
export const getOperation: YandexOperation<Input, Record<never, never>> = {
  service: 'yandex.cloud.operation.OperationService',
  name: 'Get',
  evidence: documented('api-design-guide/concepts/operation'),
  resolve: nothing,
  actions: ({ operationId }) => [{ name: 'operation.operations.get', resource: operationId }],
  checks: [],
  handle: ({ operationId }, _resolved, call) => findOperation(call, operationId),
};
