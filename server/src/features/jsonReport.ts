import type { JsonReport } from '../output/json.ts';
import { toJson } from '../output/toJson.ts';
import { unusedSuppressionJson } from '../output/unusedSuppression.ts';
import { judgedEvaluations, type Snapshot } from '../snapshot/snapshot.ts';
import { placeSuppressions } from './suppressionDiagnostics.ts';

/**
 * The newest reports as the command prints them, files relative to the first
 * folder of the workspace: one alone by itself, several as a list.
 */
export function jsonReport(snapshot: Snapshot): JsonReport | JsonReport[] | null {
  const root = snapshot.workspaceRoots[0] ?? '/';
  const reports = judgedEvaluations(snapshot).map(({ evaluated }) =>
    toJson(evaluated.report, evaluated.fixes, root),
  );
  const [only] = reports;
  if (!only) return null;
  if (reports.length > 1) return reports;
  const unused = placeSuppressions(snapshot).map(({ finding }) => unusedSuppressionJson(finding, root));
  return { ...only, unusedSuppressions: unused };
}
