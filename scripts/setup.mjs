// `node scripts/setup.mjs`: installs what is missing and nothing more.
import { ensureInstalled } from './bootstrap.mjs';

await ensureInstalled();
