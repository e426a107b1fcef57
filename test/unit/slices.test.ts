import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, inSlices, Slice, type Steps } from '../../server/src/model/slices.ts';

function* sumTo(last: number): Steps<number> {
  let sum = 0;
  for (let n = 1; n <= last; n++) {
    sum += n;
    yield;
  }
  return sum;
}

test('steps come to the same at one go and in slices', async () => {
  assert.equal(atOnce(sumTo(1000)), 500_500);
  assert.equal(await inSlices(sumTo(1000)), 500_500);
});

test('others have their turn while long work is done', async () => {
  let hadTurn = false;
  setImmediate(() => (hadTurn = true));
  // It ends only when somebody else has been at work.
  function* untilOthers(): Steps<string> {
    while (!hadTurn) yield;
    return 'done';
  }
  assert.equal(await inSlices(untilOthers()), 'done');
});

test('work that is aborted ends with the reason, and its own cleaning up is done', async () => {
  const controller = new AbortController();
  let isCleaned = false;
  setImmediate(() => controller.abort(new Error('not wanted any more')));
  function* endless(): Steps<never> {
    try {
      for (;;) yield;
    } finally {
      isCleaned = true;
    }
  }
  await assert.rejects(inSlices(endless(), controller.signal), /not wanted any more/);
  assert.ok(isCleaned);
});

test('a slice that gives way begins anew, unless it is aborted', async () => {
  const controller = new AbortController();
  const slice = new Slice(controller.signal);
  await slice.giveWay();
  controller.abort(new Error('enough'));
  await assert.rejects(slice.giveWay(), /enough/);
});

test('between two slices, whoever has them, there is time for a request to be read, answered and written', async () => {
  let turns = 0;
  let isOver = false;
  const countTurn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(countTurn);
  };
  setImmediate(countTurn);
  const begun: number[] = [];
  const work = async (): Promise<void> => {
    const slice = new Slice();
    for (let n = 0; n < 5; n++) {
      await slice.giveWay();
      begun.push(turns);
    }
  };
  await Promise.all([work(), work(), work()]);
  isOver = true;
  assert.equal(begun.length, 15);
  const between = begun.slice(1).map((turn, place) => turn - (begun[place] ?? 0));
  assert.ok(
    between.every((count) => count >= 4),
    between.join(' '),
  );
});
