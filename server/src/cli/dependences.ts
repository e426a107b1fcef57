import { findSystemDependence } from '../attribution/findSystemDependence.ts';
import type { Report } from '../model/report.ts';
import type { CheckResults } from '../output/results.ts';
import type { GivenTarget } from './chosenTargets.ts';
import type { CommandEnvironment } from './commandEnvironment.ts';

/** Each target's first report of another system, compared with its first one. */
export async function findDependences(
  reports: readonly { readonly chosen: GivenTarget; readonly report: Report }[],
  environment: CommandEnvironment,
): Promise<CheckResults['dependences']> {
  const firsts = new Map<GivenTarget, Report>();
  const dependences: CheckResults['dependences'][number][] = [];
  for (const { chosen, report } of reports) {
    const first = firsts.get(chosen);
    if (!first) {
      firsts.set(chosen, report);
      continue;
    }
    const found = await findSystemDependence(report, first, await environment.parser());
    if (found) dependences.push({ label: chosen.label, found });
  }
  return dependences;
}
