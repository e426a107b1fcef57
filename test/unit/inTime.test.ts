import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTime } from '../../server/src/lsp/inTime.ts';

const noError = (message: string): never => assert.fail(message);

test('an answer that is there is taken, although this process was busy until it is late', async () => {
  const question = new Promise<string>((resolve) => void setImmediate(() => resolve('the answer')));
  const answer = inTime(question, noError, 1);
  // The timer is over before anything else can be looked at.
  for (const start = performance.now(); performance.now() - start < 3;);
  assert.equal(await answer, 'the answer');
});

test('what does not come at all is undefined, and so is what fails', async () => {
  assert.equal(await inTime(new Promise<string>(() => undefined), noError, 1), undefined);
  const errors: string[] = [];
  const failed = Promise.reject<string>(new Error('no Nix'));
  assert.equal(await inTime(failed, (message) => void errors.push(message)), undefined);
  assert.deepEqual(errors, ['Nix could not be asked.']);
});
