import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** As in files/limits.ts: to open a FIFO that nobody reads would wait for ever. */
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;

/** Milliseconds for which somebody at the other end of a pipe may read nothing, and between two tries. */
const patience = { whole: 10_000, step: 20 } as const;

/** Nobody reads what is written to a FIFO, or not any more. */
class NobodyReadsError extends Error {
  override readonly name = 'NobodyReadsError';

  constructor() {
    super(
      'it is a FIFO (a named pipe) or a socket, and nobody reads from it; start the reader first, or name a file',
    );
  }
}

/**
 * Writes a whole text where a person wants it: to a file, which is made anew,
 * a device (`/dev/stdout`) or a pipe that somebody reads from. So it is not
 * written as a draft that takes its place (`writeWhole.ts`): a device must stay
 * one, and a link, an owner and rights are the person's.
 *
 * @throws NobodyReadsError, or the file system's own error
 */
export async function writeTextFile(path: string, text: string): Promise<void> {
  await using file = await open(path, flags).catch((error: unknown) => {
    throw codeOf(error) === 'ENXIO' ? new NobodyReadsError() : error;
  });
  const bytes = Buffer.from(text);
  let waited = 0;
  for (let at = 0; at < bytes.length;) {
    try {
      at += (await file.write(bytes, at)).bytesWritten;
      waited = 0;
    } catch (error) {
      // The pipe is full: whoever reads from it is slow, or has stopped.
      if (codeOf(error) !== 'EAGAIN') throw error;
      if (waited >= patience.whole) throw new NobodyReadsError();
      await setTimeout(patience.step);
      waited += patience.step;
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
