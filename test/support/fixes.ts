import type { Fix } from '../../server/src/fixes/fix.ts';
import { proveFixes } from '../../server/src/fixes/proveFixes.ts';
import type { Report } from '../../server/src/model/report.ts';
import type { Evaluator } from '../../server/src/running/evaluator.ts';
import { testParser } from './parser.ts';
import { policed } from './policed.ts';
import type { OpenWorkspace } from './workspace.ts';

/** The repairs of a workspace's report, with what their evaluation proved. */
export async function fixesOf(
  report: Report,
  { options, evaluator: own }: OpenWorkspace,
  evaluator: Evaluator = own,
): Promise<readonly Fix[]> {
  const subject = { label: 'target', report: await policed(report), options };
  const proven = await proveFixes([subject], await testParser(), evaluator, {
    signal: options.signal,
    timeLimitMs: 120_000,
  });
  return proven.get(subject.report) ?? [];
}
