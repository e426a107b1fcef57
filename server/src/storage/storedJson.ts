import type * as z from 'zod';

import { largestSettings } from '../files/limits.ts';
import { readTextFile } from '../files/regularFile.ts';
import { writeWhole } from '../files/writeWhole.ts';

/** A small value that was written before; undefined where there is none, or none that this version understands. */
export async function readStored<Value>(file: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readTextFile(file, largestSettings));
  } catch {
    // Nothing was written yet, or what is there is no JSON: the next one replaces it.
    return undefined;
  }
  return schema.safeParse(raw).data;
}

/**
 * Writes a value as a whole: whoever reads sees the former one or this one.
 *
 * @throws Error of the file system
 */
export async function writeStored(file: string, value: object): Promise<void> {
  await writeWhole(file, `${JSON.stringify(value)}\n`);
}
