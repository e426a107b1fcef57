import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';

import { largestSettings } from '../files/limits.ts';
import { readTextFile } from '../files/regularFile.ts';
import { isSystem, type System } from '../model/system.ts';
import { targetSchema } from './targetSchema.ts';

const choiceFile = 'choice.json';
const lastTargetsFile = 'lastTargets.json';

const choiceSchema = z.object({
  version: z.literal(1),
  targets: z
    .array(z.object({ key: z.string(), label: z.string(), description: z.string(), target: targetSchema }))
    .exactOptional(),
  evaluateAs: z.array(z.string().refine(isSystem).nullable()).min(1).exactOptional(),
});

/** A target as it was listed when it was chosen, so that it can be evaluated before anything is looked for. */
export type ChosenTarget = NonNullable<z.output<typeof choiceSchema>['targets']>[number];

/** What a person chose to evaluate in one workspace. */
export interface Choice {
  /** In the order in which they are shown; undefined: nobody chose. */
  readonly targets?: readonly ChosenTarget[];
  /** The systems that each of them is evaluated as, `null` being this machine's; undefined: nobody chose. */
  readonly evaluateAs?: readonly (System | null)[];
}

/**
 * The choice that was written last; undefined where there is none, or none that
 * this version understands.
 *
 * @param directory the workspace's own folder of the storage
 */
export async function readChoice(directory: string): Promise<Choice | undefined> {
  return read(join(directory, choiceFile));
}

/** @throws Error of the file system */
export async function writeChoice(directory: string, choice: Choice): Promise<void> {
  await write(join(directory, choiceFile), choice);
}

/** The targets that were evaluated last, whether or not somebody chose them. */
export async function readLastTargets(directory: string): Promise<readonly ChosenTarget[]> {
  return (await read(join(directory, lastTargetsFile)))?.targets ?? [];
}

/** @throws Error of the file system */
export async function writeLastTargets(directory: string, targets: readonly ChosenTarget[]): Promise<void> {
  await write(join(directory, lastTargetsFile), { targets });
}

async function read(file: string): Promise<Choice | undefined> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readTextFile(file, largestSettings));
  } catch {
    // Nothing was written yet, or what is there is no JSON: the next one replaces it.
    return undefined;
  }
  const { success, data } = choiceSchema.safeParse(raw);
  if (!success) return undefined;
  const { targets, evaluateAs } = data;
  return { ...(targets && { targets }), ...(evaluateAs && { evaluateAs }) };
}

/** Writes a choice as a whole: whoever reads sees the former one or this one. */
async function write(file: string, choice: Choice): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(draft, `${JSON.stringify({ version: 1, ...choice })}\n`);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
