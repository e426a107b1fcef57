import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBeingProven, type Evaluation } from '../../server/src/snapshot/snapshot.ts';
import { hostileSnapshot } from '../support/hostileReport.ts';

test('repairs of a report from before the session are being proven only once it is made again', async () => {
  const [shown, failed] = (await hostileSnapshot('x86_64-linux')).evaluations;
  assert.ok(shown?.evaluated && failed?.failure);
  const fresh: Evaluation = { ...shown, evaluated: { ...shown.evaluated, isToBeProven: true } };
  const former: Evaluation = {
    ...fresh,
    evaluated: { ...shown.evaluated, isToBeProven: true, asOf: new Date(0) },
  };
  const states: readonly (readonly [Evaluation, boolean])[] = [
    [shown, false],
    [fresh, true],
    [former, false],
    [{ ...former, running: { step: 'evaluating' } }, true],
    [{ ...fresh, failure: failed.failure }, false],
    [failed, false],
  ];
  assert.deepEqual(
    states.map(([evaluation]) => isBeingProven(evaluation)),
    states.map(([, expected]) => expected),
  );
});
