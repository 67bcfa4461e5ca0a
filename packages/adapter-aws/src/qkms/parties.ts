import { awsFault } from '../faults.js';

/** Members of CreateKey that only QKMS has. @internal */
export interface Parties {
  readonly Participants?: readonly string[];
  readonly Threshold?: number;
  readonly TotalParties?: number;
}

/**
 * Refuses parties that no threshold key can have; the rules follow from what the members mean, their
 * texts are ours. What is right changes nothing: all shares of the key are here.
 *
 * @throws KmsFault ValidationInferred
 * @internal
 */
export function requireParties(_resolved: object, input: Parties): void {
  const { Participants, Threshold, TotalParties } = input;
  if (Participants !== undefined && new Set(Participants).size < Participants.length) {
    throw invalid('Participants must be distinct.');
  }
  const count = Participants?.length ?? TotalParties;
  if (count !== undefined && TotalParties !== undefined && TotalParties !== count) {
    throw invalid('TotalParties must be the number of Participants.');
  }
  if (count !== undefined && Threshold !== undefined && Threshold > count) {
    throw invalid('Threshold must not be greater than the number of parties.');
  }
}

function invalid(message: string): Error {
  return awsFault('ValidationInferred', { message });
}
