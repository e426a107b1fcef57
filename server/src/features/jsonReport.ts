import type { JsonReport } from '../output/json.ts';
import { toJson } from '../output/toJson.ts';
import type { Snapshot } from '../session/snapshot.ts';

/** The newest report as the command prints it, files relative to the first folder of the workspace. */
export function jsonReport({ evaluated, workspaceRoots }: Snapshot): JsonReport | null {
  return evaluated ? toJson(evaluated.report, evaluated.fixes, workspaceRoots[0] ?? '/') : null;
}
