/** A table of Markdown. Cells are Markdown themselves; line breaks and bars in them are made harmless. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text as it is, in a fixed-width font; empty text stays empty. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** A link to a source, named after the last telling part of its address. */
export function sourceLink(address: string): string {
  if (!/^https?:\/\//.test(address)) return address;
  const { hostname, pathname } = new URL(address);
  const parts = pathname.split('/').filter((part) => part !== '');
  const number = parts.at(-1) ?? '';
  const isThread = hostname === 'github.com' && /^\d+$/.test(number);
  const name = isThread ? `${parts[0]}/${parts[1]} ${number}` : (parts.at(-1) ?? hostname);
  return `[${name.replace(/\.(html|md)$/, '').replaceAll('_', '\\_')}](${address})`;
}
