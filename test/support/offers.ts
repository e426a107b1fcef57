import assert from 'node:assert/strict';
import { applyEdits } from '../../server/src/fixes/applyEdits.ts';
import { fixesOf } from './fixes.ts';
import { expectReport, type OpenWorkspace } from './workspace.ts';

/** A repair that is offered, with the lines that it takes away and those that it brings. */
export interface Offer {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly proof: string;
  readonly isDoubtful: boolean;
}

/** The cause of the first leak that is an error, and all repairs that are offered. */
export async function offersOf(open: OpenWorkspace): Promise<{ cause: string; offers: Offer[] }> {
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  assert.equal(report.probes.fallbackReason, undefined);
  const leak = report.leaks.find(({ severity }) => severity === 'error');
  assert.ok(leak);
  const fixes = await fixesOf(report, open);
  const offers = fixes.map(({ edits, proof, isDoubtful = false }): Offer => {
    const changes = [...applyEdits(edits, report.sources)].map(([file, text]) => {
      const [old, now] = [(report.sources.get(file) ?? '').split('\n'), text.split('\n')];
      const without = (lines: string[], others: string[]) =>
        lines.filter((line) => !others.includes(line)).map((line) => line.trim());
      return { before: without(old, now), after: without(now, old) };
    });
    return {
      before: changes.flatMap(({ before }) => before),
      after: changes.flatMap(({ after }) => after),
      proof: proof.kind === 'proven' ? proof.statement : `unproven: ${proof.reason}`,
      isDoubtful,
    };
  });
  const told = `${leak.reason?.kind} ${report.causes[leak.cause]?.text}`;
  return { cause: told, offers };
}

/** The lines that each repair brings. */
export const afterOf = (offers: readonly Offer[]): string[] => offers.map(({ after }) => after.join('\n'));
