import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findSuppressions } from '../../server/src/attribution/findSuppressions.ts';
import { proposeFixes } from '../../server/src/fixes/proposeFixes.ts';
import { atOnce } from '../../server/src/model/slices.ts';
import { placeOfTarget } from '../../server/src/targets/search/placeOfTarget.ts';
import { steppingParser } from '../support/parser.ts';
import { policed } from '../support/policed.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

test('what the server does with the files of a report parses them in steps, and for repairs each once', async () => {
  // Which end is meant is asked here, so the files of the consumers are looked at too.
  const text = `{ set }: {
  # nix-platform-lens: allow foreign-builder: a suppression to be read
  shell = (import set { }).runCommand "shell" { tool = (import set { system = "x86_64-linux"; }).hello; } "";
}`;
  const run = { as: 'x86_64-darwin', attribute: 'shell' };
  await using open = await openWorkspace({ files: { 'default.nix': text } }, run);
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  const stepping = await steppingParser();
  const suppressions = atOnce(findSuppressions(report, stepping));
  assert.equal(suppressions.all.length + suppressions.problems.length, 1);
  const place = await placeOfTarget(open.request.target, stepping);
  assert.equal(place?.source.range.start.line, 2);
  const parsed: string[] = [];
  const counting = {
    ...stepping,
    *parseInSteps(...given: Parameters<typeof stepping.parseInSteps>) {
      parsed.push(given[0]);
      return yield* stepping.parseInSteps(...given);
    },
  };
  assert.ok(atOnce(proposeFixes(await policed(report), counting)).length > 0);
  assert.deepEqual(parsed, [...report.sources.values()]);
});
