import type { AwsOperation } from '../call.js';
import { awsFault } from '../faults.js';
import { noKey, onNothing } from '../resolve.js';
import { CLIENT, requireSidecar } from './sidecars.js';

type Nothing = Record<never, never>;

interface OfTask {
  readonly TaskId: string;
}

interface OfSidecar {
  readonly SidecarId: string;
}

const COMMON = {
  evidence: CLIENT,
  crossAccount: false,
  resolve: noKey,
  actions: onNothing,
  checks: [],
};

/** ListTasks: keys are made and used here alone, so that no party ever has to do anything. @internal */
export const listTasks: AwsOperation<Nothing, Nothing> = {
  ...COMMON,
  name: 'ListTasks',
  simulated: 'there are no tasks',
  handle: () => ({ Tasks: [] }),
};

/** ListTasksForSidecar. @internal */
export const listTasksForSidecar: AwsOperation<OfSidecar, Nothing> = {
  ...COMMON,
  name: 'ListTasksForSidecar',
  simulated: 'there are no tasks',
  handle({ SidecarId }, _resolved, call) {
    requireSidecar(call, SidecarId);
    return { Tasks: [] };
  },
};

/** ClaimTask: the answer has a member for a claim that fails. @internal */
export const claimTask: AwsOperation<OfTask & OfSidecar, Nothing> = {
  ...COMMON,
  name: 'ClaimTask',
  simulated: 'there are no tasks to be claimed',
  handle: ({ TaskId, SidecarId }) => ({
    TaskId,
    SidecarId,
    Claimed: false,
    Message: `Task '${TaskId}' does not exist`,
  }),
};

/** UpdateTask. @internal */
export const updateTask: AwsOperation<OfTask, Nothing> = onNoTask('UpdateTask');

/** SendPartyMessage. @internal */
export const sendPartyMessage: AwsOperation<OfTask, Nothing> = onNoTask('SendPartyMessage');

/** GetPartyMessages. @internal */
export const getPartyMessages: AwsOperation<OfTask, Nothing> = onNoTask('GetPartyMessages');

function onNoTask(name: string): AwsOperation<OfTask, Nothing> {
  return {
    ...COMMON,
    name,
    simulated: 'there are no tasks: NotFoundException',
    handle({ TaskId }) {
      throw awsFault('TaskNotFound', { id: TaskId });
    },
  };
}
