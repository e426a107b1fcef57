import type { PolicedReport } from '../../check/policy.ts';
import { platformsOf } from '../../check/hostSystems.ts';
import { parseSystem } from '../../model/system.ts';
import type { JudgedClosure } from '../../running/repairedRun.ts';
import type { RepairEffect } from './effects.ts';
import type { RepairedJudgement } from './judgeRepairs.ts';

/** What a proof showed, e.g. "543 → 0 darwin-built, 3 derivations change". */
export function statementOf(
  report: PolicedReport,
  after: JudgedClosure,
  effect: RepairEffect,
  { movedRoot, rebuilt }: RepairedJudgement,
): string {
  if (movedRoot) {
    const was = platformsOf(report.graph.derivation(movedRoot.before));
    const is = platformsOf(after.graph.derivation(movedRoot.after));
    return `built ${is} instead of ${was}`;
  }
  const count = countsOf(report, after, effect);
  return `${count}, ${rebuilt} ${rebuilt === 1 ? 'derivation changes' : 'derivations change'}`;
}

function countsOf(
  report: PolicedReport,
  after: JudgedClosure,
  { repaired, remaining, uses }: RepairEffect,
): string {
  const all = repaired.length + remaining.length;
  // An input that is wrong in another derivation as well is a wrong input still.
  const inputs = uses
    ? `${uses.before} → ${uses.after} wrong uses`
    : `${all} → ${remaining.length} wrong inputs`;
  const systems = new Set(repaired.map((input) => report.graph.system(input)));
  const own = report.graph.system(report.graph.root);
  // Cross-compiled inputs are built where they should be; they only run elsewhere.
  if (systems.has(own)) return inputs;
  const ownKernel = parseSystem(own).kernel;
  const counts = [...systems].map((system) => {
    const { kernel } = parseSystem(system);
    const from = report.judgement.bySystem.get(system) ?? 0;
    const to = after.judgement.bySystem.get(system) ?? 0;
    // Another leak brings in the same derivations.
    if (from === to) return inputs;
    return `${from} → ${to} ${kernel === '' || kernel === ownKernel ? system : kernel}-built`;
  });
  return [...new Set(counts)].join(', ');
}
