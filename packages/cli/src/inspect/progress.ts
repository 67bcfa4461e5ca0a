import { SingleBar } from 'cli-progress';

/** Shows how far reading has come. @internal */
export interface Progress {
  /** @param bytes that were read, @param values that were counted so far */
  update(bytes: number, values: number): void;
  stop(): void;
}

const FRAMES_A_SECOND = 5;
const MEBIBYTE = 1_048_576;

/**
 * Makes a bar on a terminal, or just numbers when the size is not known before the end; nothing at all
 * when the stream is no terminal.
 *
 * @internal
 */
export function createProgress(
  stream: NodeJS.WriteStream,
  sizeBytes: number | undefined,
): Progress {
  if (!stream.isTTY) return { update: () => {}, stop: () => {} };
  const bar = sizeBytes === undefined ? '' : '[{bar}] {percentage} %  ';
  const single = new SingleBar({
    stream,
    format: `${bar}{mebibytes} MiB  {values} values`,
    barCompleteChar: '#',
    barIncompleteChar: '-',
    barsize: 30,
    fps: FRAMES_A_SECOND,
    clearOnComplete: true,
    linewrap: null,
  });
  single.start(sizeBytes ?? Number.MAX_SAFE_INTEGER, 0, { mebibytes: '0', values: '0' });
  return {
    update(bytes, values) {
      single.update(bytes, {
        mebibytes: (bytes / MEBIBYTE).toFixed(0),
        values: values.toLocaleString('en-US'),
      });
    },
    stop: () => single.stop(),
  };
}
