/**
 * Aligns rows under a heading: columns of numbers to the right, all others to the left. Cells are ASCII
 * on one line.
 *
 * @internal
 */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const cellsOf = (column: number): readonly string[] => rows.map((row) => row[column] ?? '');
  const columns = heading.map((title, column) => ({
    width: Math.max(title.length, ...cellsOf(column).map((cell) => cell.length)),
    right: cellsOf(column).every((cell) => /^[\d,]*( (of|-) [\d,]+)?$/.test(cell)),
  }));
  return [heading, columns.map(({ width }) => '-'.repeat(width)), ...rows]
    .map((row) =>
      columns
        .map(({ width, right }, column) => {
          const cell = row[column] ?? '';
          return right ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
