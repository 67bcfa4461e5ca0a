import type { Kit } from '../kits.js';

/** A gateway with two keys, and where a check may write. */
export interface ToolGrounds {
  readonly url: string;
  /** Key ARNs in `us-east-1` and in `eu-west-1`. */
  readonly keys: readonly [string, string];
  /** An empty folder of the check's own. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where each of the tool's kits is. */
  installed(kit: Kit): string;
}

/** A program built on an AWS SDK, and what it must be able to do. */
export interface Tool {
  readonly name: string;
  readonly kits: readonly Kit[];
  /**
   * Runs the checks in order.
   *
   * @returns what was seen to work
   * @throws Error at the first that is not as it should be
   */
  check(grounds: ToolGrounds): Promise<readonly string[]>;
}

/** @throws Error with what is not so */
export function ensure(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
