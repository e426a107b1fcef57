import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProofCache } from '../../server/src/fixes/proof/proofCache.ts';
import type { ProofSubject } from '../../server/src/fixes/proof/attempts.ts';
import { Trial, type JudgedTrial } from '../../server/src/fixes/proof/trial.ts';
import type { Candidate } from '../../server/src/fixes/repair.ts';
import { parseSourceFile, rangeIn } from '../../server/src/syntax/sourceFile.ts';
import type { Evaluator } from '../../server/src/running/evaluator.ts';
import { testParser } from '../support/parser.ts';
import { policed } from '../support/policed.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

test('what a repair showed is remembered for all that it depends on, and for nothing else', async () => {
  const text = `{ set }:
let pkgs = import set { }; linux = import set { system = "x86_64-linux"; };
in linux.stdenv.mkDerivation { name = "root"; buildInputs = [ pkgs.vim ]; }`;
  await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
  const report = await policed(expectReport(await open.evaluator.run(open.request, open.options)));
  const [file = ''] = report.sources.keys();
  const source = parseSourceFile(file, text, await testParser());
  const start = text.indexOf('pkgs.vim');
  const edit = (newText: string) => ({ ...rangeIn(source, { start, end: start + 4 }), newText });
  const plain: Candidate = { title: '', edits: [edit('linux')] };
  let evaluations = 0;
  const evaluator: Evaluator = {
    ...open.evaluator,
    runRepaired: (...args) => {
      evaluations += 1;
      return open.evaluator.runRepaired(...args);
    },
  };
  const cache = new ProofCache<JudgedTrial>();
  /** Is a repair evaluated, and not only remembered? */
  const isEvaluated = async (candidate: Candidate, more: Partial<ProofSubject['report']> = {}) => {
    const subject = { label: '', report: { ...report, ...more }, options: open.options };
    const before = evaluations;
    const trial = new Trial([subject], evaluator, open.options.signal, cache);
    await trial.attempt([{ candidate, leaks: new Map([[subject, subject.report.leaks]]) }]);
    return evaluations > before;
  };
  assert.equal(await isEvaluated(plain), true);
  assert.equal(await isEvaluated(plain), false);
  assert.equal(await isEvaluated({ ...plain, title: 'the same by another name' }), false);
  assert.equal(await isEvaluated({ ...plain, edits: [edit('(linux)')] }), true);
  assert.equal(await isEvaluated({ ...plain, movesConsumers: true }), true);
  assert.equal(await isEvaluated({ ...plain, addsInputs: true }), true);
  assert.equal(await isEvaluated({ ...plain, control: [edit('(pkgs)')] }), true);
  assert.equal(await isEvaluated(plain, { levels: { 'host-platform': 'warning' } }), true);
  const context = { localSystem: 'x86_64-darwin', extraPlatforms: ['x86_64-linux'] };
  assert.equal(await isEvaluated(plain, { context }), true);
  const leaks = report.leaks.map((leak) => ({ ...leak, edges: [] }));
  assert.equal(await isEvaluated(plain, { leaks }), true);
  assert.equal(await isEvaluated(plain), false);
});
