import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from '../../server/src/check/findings.ts';
import { partsOf } from '../../server/src/features/findingParts.ts';
import { judge } from '../support/closure.ts';

test('what no expression brings in is told of by rule, so that one mistake hides no other', async () => {
  const { graph, judgement } = await judge((store) => {
    const mac = { system: 'x86_64-darwin', env: { stdenv: '/none' } };
    const tools = ['tool', 'other-tool'].map((name) => store.add({ name, ...mac }));
    const library = store.add({ name: 'library', ...mac });
    return store.add({
      name: 'root',
      inputs: [...tools, library],
      env: {
        stdenv: '/none',
        nativeBuildInputs: tools.map((tool) => tool.out()).join(' '),
        buildInputs: library.out(),
      },
    });
  });
  const leaks = judgement.leaks.map((leak, cause) => ({ ...leak, origins: [], cause, bringsIn: 1 }));
  const groups = partsOf({ findings: findingsOf({ leaks }) }).map((part) =>
    part.leaks.map(({ rule, input }) => `${rule} ${graph.derivation(input).name}`),
  );
  assert.deepEqual(groups, [['build-platform tool', 'build-platform other-tool'], ['host-platform library']]);
});
