import { atOnce } from '../../server/src/model/slices.ts';
import { findSuppressions } from '../../server/src/attribution/findSuppressions.ts';
import { applyPolicy, type PolicedReport } from '../../server/src/check/policy.ts';
import type { Report } from '../../server/src/model/report.ts';
import type { RuleLevels } from '../../server/src/model/judgement.ts';
import { testParser } from './parser.ts';

/** A report as answers are made of it. */
export async function policed(report: Report, levels: RuleLevels = {}): Promise<PolicedReport> {
  return applyPolicy(report, levels, atOnce(findSuppressions(report, await testParser())));
}
