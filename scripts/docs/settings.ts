import { SETTINGS, variableOf } from '../../packages/cli/src/settings.js';
import { code, table } from './markdown.js';

/** The table of everything that `keyglot start` can be told. */
export function settingsPart(): string {
  return table(
    ['flag', 'variable', 'default', 'meaning'],
    Object.values(SETTINGS).map((setting) => [
      code(
        setting.placeholder === undefined
          ? `--${setting.flag}`
          : `--${setting.flag} <${setting.placeholder}>`,
      ),
      code(variableOf(setting)),
      code(setting.fallback ?? '') || 'none',
      setting.help,
    ]),
  );
}
