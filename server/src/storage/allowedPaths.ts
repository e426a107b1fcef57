import { join } from 'node:path';
import * as z from 'zod';

import { readStored, writeStored } from './storedJson.ts';

const file = 'allowedPaths.json';
const schema = z.object({ version: z.literal(1), paths: z.array(z.string()) });

/**
 * The paths outside a workspace that the person lets its targets name; none
 * where nothing was allowed yet.
 *
 * @param directory the workspace's own folder of the storage, outside the workspace
 */
export async function readAllowedPaths(directory: string): Promise<readonly string[]> {
  return (await readStored(join(directory, file), schema))?.paths ?? [];
}

/** @throws Error of the file system */
export async function writeAllowedPaths(directory: string, paths: readonly string[]): Promise<void> {
  await writeStored(join(directory, file), { version: 1, paths });
}
