import { join } from 'node:path';
import * as z from 'zod';

import { largestSettings } from '../files/limits.ts';
import { readTextFile } from '../files/regularFile.ts';

const reference = z.object({
  type: z.string(),
  url: z.string().optional(),
  owner: z.string().optional(),
  repo: z.string().optional(),
  id: z.string().optional(),
});

const lockFile = z.object({
  root: z.string(),
  nodes: z.record(
    z.string(),
    z.object({
      inputs: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
      locked: reference.extend({ narHash: z.string().optional() }).optional(),
      original: reference.optional(),
    }),
  ),
});

/** The fields of `flake.lock` that are used (Nix manual, `nix flake`, "Lock files"). */
export type FlakeLock = z.infer<typeof lockFile>;

/** Undefined where there is none that can be read: Nix says why. */
export async function readFlakeLock(flake: string): Promise<FlakeLock | undefined> {
  try {
    return lockFile.parse(JSON.parse(await readTextFile(join(flake, 'flake.lock'), largestSettings)));
  } catch {
    // Not there or not a lock file, which Nix reports better than we can.
    return undefined;
  }
}
