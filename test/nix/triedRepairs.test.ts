import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trial } from '../../server/src/fixes/proof/trial.ts';
import { proveFixes } from '../../server/src/fixes/proveFixes.ts';
import { proposeFixes } from '../../server/src/fixes/proposeFixes.ts';
import { atOnce } from '../../server/src/model/slices.ts';
import type { Evaluator } from '../../server/src/running/evaluator.ts';
import { fixesOf } from '../support/fixes.ts';
import { testParser } from '../support/parser.ts';
import { policed } from '../support/policed.ts';
import { cross } from '../support/provenLines.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

test('a comparison that has begun ends, also where the time is over meanwhile', async (context) => {
  const text = `{ set }:
let pkgs = import set { }; linux = import set { system = "x86_64-linux"; };
in linux.stdenv.mkDerivation { name = "root"; buildInputs = [ pkgs.vim ]; }`;
  await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
  const report = await policed(expectReport(await open.evaluator.run(open.request, open.options)));
  const time = new AbortController();
  const evaluator: Evaluator = {
    ...open.evaluator,
    runRepaired: async (...args) => {
      const outcome = await open.evaluator.runRepaired(...args);
      time.abort();
      // From now on every step of the comparison gives way to others.
      let now = performance.now();
      context.mock.method(performance, 'now', () => (now += 1000));
      return outcome;
    },
  };
  const subject = { label: '', report, options: open.options };
  const [proposal] = atOnce(proposeFixes(report, await testParser()));
  const [candidate] = proposal?.candidates ?? [];
  assert.ok(proposal && candidate);
  const trial = new Trial([subject], evaluator, time.signal, undefined);
  const shown = await trial.attempt([{ candidate, leaks: new Map([[subject, proposal.leaks]]) }]);
  assert.ok(time.signal.aborted);
  const [verdict] = shown.verdicts;
  assert.ok(verdict && verdict !== 'no-value');
  assert.equal(verdict.get(subject)?.kind, 'proven');
});

test('what repairs a part only keeps nothing away that repairs all', async () => {
  // Whichever platform that set is for, its jq is for another one.
  const overlay = '(final: prev: { jq = (import set { system = "x86_64-darwin"; overlays = [ ]; }).jq; })';
  const text = `{ set, system ? "x86_64-linux", hostSystem ? "x86_64-linux" }:
let
  pkgs = import set { system = "x86_64-linux"; };
  mac = import set { system = "x86_64-darwin"; overlays = [ ${overlay} ]; };
in
pkgs.stdenv.mkDerivation { name = "root"; buildInputs = [ mac.vim mac.jq ]; }`;
  await using open = await openWorkspace({ files: { 'default.nix': text } });
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  const fixes = await fixesOf(report, open);
  assert.deepEqual(
    fixes.map(({ edits: [edit], proof }) => [
      edit?.newText.trim(),
      proof.kind === 'proven' && proof.isPartial,
    ]),
    [
      ['pkgs', undefined],
      ['inherit system;', true],
      ['hostSystem', true],
      ['inherit (pkgs.stdenv.hostPlatform) system;', true],
    ],
  );
});

test('what is not tried any more is said to be that', async () => {
  const text = `{ set }:
let
  ${cross}
  arm = import set { system = "aarch64-linux"; };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ arm.jq arm.hello ];
  buildInputs = [ arm.jq ];
}`;
  await using open = await openWorkspace({ files: { 'default.nix': text } });
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  const reasons = (await fixesOf(report, open)).map(({ proof }) => proof.kind === 'unproven' && proof.reason);
  assert.ok(reasons.length > 8);
  assert.deepEqual(
    reasons.slice(8),
    reasons.slice(8).map(() => '8 others were tried before it'),
  );
});

test('what no target reads keeps nothing away', async () => {
  const files = {
    'default.nix': `{ set }:
let
  ${cross}
in
pkgs.callPackage ./tool.nix { jq = pkgs.jq; }`,
    'tool.nix': `{ stdenv, jq }:
stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ jq ]; }`,
  };
  await using open = await openWorkspace({ files });
  const whole = await policed(expectReport(await open.evaluator.run(open.request, open.options)));
  const filesRead = whole.filesRead?.filter((file) => file.endsWith('/default.nix')) ?? [];
  assert.equal(filesRead.length, 1);
  const report = { ...whole, filesRead };
  // Nothing is repaired by what is evaluated.
  const evaluator: Evaluator = {
    ...open.evaluator,
    runRepaired: async (...args) => {
      const outcome = await open.evaluator.runRepaired(...args);
      if (outcome.kind !== 'closures') return outcome;
      return { kind: 'closures', closures: { ...outcome.closures, after: outcome.closures.before } };
    },
  };
  const subject = { label: '', report, options: open.options };
  const options = { signal: open.options.signal, timeLimitMs: 120_000 };
  const fixes = (await proveFixes([subject], await testParser(), evaluator, options)).get(report) ?? [];
  assert.notEqual(fixes.length, 0);
  for (const { edits, proof } of fixes) {
    assert.ok(edits.some(({ file }) => file === filesRead[0]));
    assert.deepEqual(proof, { kind: 'unproven', reason: 'jq would still be wrong' });
  }
});
