import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formats, type OutputFormat } from '../../server/src/output/formats.ts';
import type { CheckResults } from '../../server/src/output/results.ts';
import { hostileContext, hostileResults } from '../support/hostileReport.ts';

/** Results with one proven repair, as if something of its cause stayed wrong. */
async function results(isPartial: boolean): Promise<CheckResults> {
  const { evaluations, ...rest } = await hostileResults('name');
  return {
    ...rest,
    evaluations: evaluations.map(({ outcome, ...evaluation }) => ({
      ...evaluation,
      outcome:
        outcome.kind === 'failed'
          ? outcome
          : {
              ...outcome,
              fixes: outcome.fixes.map((fix) => ({
                ...fix,
                proof:
                  fix.proof.kind === 'proven' && isPartial
                    ? { ...fix.proof, isPartial: true as const }
                    : fix.proof,
              })),
            },
    })),
  };
}

describe('a repair that leaves something wrong is told as such', () => {
  for (const format of ['text', 'github', 'sarif', 'markdown'] satisfies OutputFormat[])
    test(format, async () => {
      const part = formats[format](await results(true), hostileContext);
      const whole = formats[format](await results(false), hostileContext);
      assert.match(part, /\(proven in part: name\)/);
      assert.doesNotMatch(part, /\(proven: /);
      assert.match(whole, /\(proven: name\)/);
      assert.doesNotMatch(whole, /in part/);
    });

  test('json has a field for it, which others do not have', async () => {
    const part = formats.json(await results(true), hostileContext);
    assert.match(part, /"proven": true,\s+"partial": true,\s+"proof": "name"/);
    assert.doesNotMatch(formats.json(await results(false), hostileContext), /"partial"/);
  });
});
