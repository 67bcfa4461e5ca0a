const WIRE: { readonly [state: string]: string } = {
  creating: 'Unavailable',
  enabled: 'Enabled',
  disabled: 'Disabled',
  'pending-import': 'PendingImport',
  'pending-deletion': 'PendingDeletion',
  unavailable: 'Unavailable',
  updating: 'Unavailable',
};

/** `KeyState` on the wire, also the last part of the code of a refusal. @internal */
export function wireState(state: string): string {
  return WIRE[state] ?? 'Unavailable';
}
