import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NixConnection } from '../../server/src/session/parts.ts';
import { Session } from '../../server/src/session/session.ts';
import { targetSetting } from '../../server/src/targets/targetSetting.ts';
import { defaultSettings } from '../../server/src/snapshot/settings.ts';
import { noArguments, type FoundTarget } from '../../server/src/targets/search/found.ts';
import { hostileReport } from '../support/hostileReport.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { testParser } from '../support/parser.ts';

/** Lets everything have its turn until a condition holds; fails where it does not come to hold. */
async function turnsUntil(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200_000; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn > 20 && holds()) return;
  }
  assert.fail('It never came.');
}

test('an open file that no target reaches is evaluated although the search that finds its target is under way', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  using folder = new NixFolder({ 'default.nix': '1\n', 'other.nix': '2\n' });
  const [main, other] = [folder.file('default.nix'), folder.file('other.nix')];
  const found = [main, other].map((file): FoundTarget => ({
    target: { kind: 'file', file, attribute: '', arguments: noArguments },
    label: file,
    description: '',
  }));
  const report = { ...(await hostileReport('x86_64-linux')), observations: [], sources: new Map() };
  const evaluated: string[] = [];
  const searches: ((targets: readonly FoundTarget[]) => void)[] = [];
  let isFound = false;
  let goOn: (() => void) | undefined;
  const nix: NixConnection = {
    evaluator: {
      run: ({ target }) => {
        if (target.kind === 'file') evaluated.push(target.file);
        return Promise.resolve({ kind: 'report', report });
      },
      fetch: () => Promise.resolve([]),
    },
    findTargets: () => (isFound ? Promise.resolve(found) : new Promise((resolve) => searches.push(resolve))),
    listGroup: () => Promise.resolve([]),
    fetchInputs: () => Promise.resolve(),
    placeOf: () => Promise.resolve(undefined),
    proposeFixes: () => Promise.resolve([]),
    proveFixes: () => Promise.resolve(new Map()),
    compareSystems: () => Promise.resolve(undefined),
    // Asked for between a report and the search that follows it.
    readBuildConfiguration: () =>
      new Promise((_, reject) => {
        const end = (): void => reject(new Error('not known'));
        if (goOn) end();
        else goOn = end;
      }),
    isUnavailable: () => false,
    found: () => undefined,
  };
  const session = new Session(
    { connectNix: () => nix, loadParser: testParser, logError: () => undefined },
    { trusted: true, clientCommands: false, workspaceRoots: [folder.file('.')] },
  );
  session.configure({ ...defaultSettings, targets: [targetSetting.parse({ file: 'default.nix' })] });
  session.evaluate();
  await turnsUntil(() => goOn !== undefined);
  session.open(`file://${other}`, 1, '2\n');
  goOn?.();
  await turnsUntil(() => searches.length > 0);
  // What was opened is looked at now, and the search has not ended.
  t.mock.timers.tick(1000);
  await turnsUntil(() => true);
  isFound = true;
  for (const end of searches) end(found);
  await turnsUntil(() => evaluated.length > 1);
  assert.deepEqual(evaluated, [main, other]);
  await session.dispose();
});
