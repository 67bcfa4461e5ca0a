import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The account under which PostgreSQL runs, since it refuses to run as root. @internal */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Account for a new database when Keyglot itself runs as root: `nobody`. @internal */
export const UNPRIVILEGED: ServerUser = { uid: 65534, gid: 65534 };

/** The account of this process. @internal */
export function currentUser(): ServerUser {
  return { uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 };
}

/** @internal */
export function isRoot(): boolean {
  return currentUser().uid === 0;
}

/** Options of `spawn` that make the child run as this user. @internal */
export function asUser(user: ServerUser): { uid?: number; gid?: number } {
  return isRoot() ? { uid: user.uid, gid: user.gid } : {};
}

/**
 * Whether the user may read the file or folder and pass through all folders above it, judged by the
 * mode bits alone.
 *
 * @param path without symbolic links
 * @internal
 */
export async function canReach(path: string, user: ServerUser): Promise<boolean> {
  const own = await stat(path);
  return allows(own, user, own.isDirectory() ? 0o5 : 0o4) && (await canPass(dirname(path), user));
}

/** Whether the user may pass through this folder (a real path) and all above it. @internal */
export async function canPass(folder: string, user: ServerUser): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (!allows(await stat(at), user, 0o1)) return false;
    if (at === dirname(at)) return true;
  }
}

function allows(
  file: { readonly uid: number; readonly gid: number; readonly mode: number },
  user: ServerUser,
  wanted: number,
): boolean {
  if (user.uid === 0) return true;
  const shift = file.uid === user.uid ? 6 : file.gid === user.gid ? 3 : 0;
  return ((file.mode >> shift) & wanted) === wanted;
}
