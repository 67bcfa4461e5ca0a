/** A fenced block of a document that a test runs. */
export interface Example {
  /** Language: the first word behind the fence. */
  readonly language: string;
  readonly code: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  /** What the block right behind it, marked `output`, says that it prints. */
  readonly output: string | undefined;
}

interface Block extends Omit<Example, 'output'> {
  readonly mark: string;
  readonly endLine: number;
}

/** Fenced blocks marked `runnable`, each with the output that is promised right behind it. */
export function runnableExamples(text: string): readonly Example[] {
  const blocks = fencedBlocks(text);
  const lines = text.split('\n');
  return blocks.flatMap(({ mark, endLine, ...block }, index) => {
    if (mark !== 'runnable') return [];
    const next = blocks[index + 1];
    const between = next === undefined ? [] : lines.slice(endLine, next.line - 1);
    const follows = next?.mark === 'output' && between.every((line) => line === '');
    return [{ ...block, output: follows ? next.code : undefined }];
  });
}

/** A text without its fenced blocks, which may hold what only looks like Markdown. */
export function withoutFences(text: string): string {
  const lines = text.split('\n');
  for (const { line, endLine } of fencedBlocks(text)) {
    for (let at = line - 1; at < endLine; at += 1) lines[at] = '';
  }
  return lines.join('\n');
}

/** Whether a text is what an example promises; `…` stands for anything on its line. */
export function isOutput(promised: string, printed: string): boolean {
  const parts = promised.trim().split('…');
  const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*?');
  return new RegExp(`^${pattern}$`).test(printed.trim());
}

function fencedBlocks(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { line: number; language: string; mark: string; code: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```(\S*) ?(.*)$/.exec(line);
    if (open === undefined && fence !== null) {
      open = { line: index + 1, language: fence[1] ?? '', mark: fence[2] ?? '', code: [] };
    } else if (open !== undefined && fence !== null) {
      const { code, ...block } = open;
      blocks.push({ ...block, code: code.join('\n'), endLine: index + 1 });
      open = undefined;
    } else {
      open?.code.push(line);
    }
  }
  if (open !== undefined) throw new Error(`the block at line ${open.line} has no end`);
  return blocks;
}
