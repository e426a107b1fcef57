import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { StatusParams } from '../../server/src/protocol.ts';
import { Editor } from './support/editor.ts';
import { derivation, makeWorkspace } from './support/workspace.ts';

const count = 6;
const names = Array.from({ length: count }, (_, index) => `host${index}`);
/** Each has its own leak, in a file of its own. */
const files = {
  'default.nix': `{\n${names.map((name) => `  ${name} = import ./${name}.nix;`).join('\n')}\n  other = ${derivation('other', '"x86_64-linux"')};\n}\n`,
  ...Object.fromEntries(
    names.map((name) => [
      `${name}.nix`,
      `let tool = ${derivation('tool', 'builtins.currentSystem')}; in ${derivation(name, '"x86_64-linux"', 'inputs = [ tool ];')}\n`,
    ]),
  ),
};
const settings = {
  targets: [...names, 'other'].map((attribute) => ({ file: 'default.nix', attribute })),
  evaluateAs: 'x86_64-darwin',
};

function areDone({ evaluations, stale }: StatusParams, wanted: number): boolean {
  return !stale && evaluations.length === wanted && evaluations.every(({ state }) => state === 'done');
}

test('reports that come back are told once each', async () => {
  await using workspace = await makeWorkspace(files);
  await using editor = await Editor.start({
    root: workspace.root,
    settings,
    initializationOptions: { trusted: true, storage: workspace.file('.kept') },
  });
  await editor.open(workspace.file('default.nix'));
  await editor.evaluated();
  const { targets } = await editor.targets({ known: true });
  const keyOf = (name: string): string => {
    const target = targets.find(({ label }) => label.endsWith(` ${name}`));
    return target?.key ?? assert.fail(`${name} is not offered`);
  };
  await editor.select({ keys: names.map(keyOf) });
  await editor.status((status) => areDone(status, count));
  await editor.settled();

  // Away from them, and back: they are in memory.
  await editor.select({ keys: [keyOf('other')] });
  const one = await editor.status((status) => areDone(status, 1), editor.statuses.length - 1);
  await editor.settled();
  const sent = names.map((name) => editor.sentDiagnostics(workspace.file(`${name}.nix`)));
  const seen = editor.statuses.length;
  await editor.select({ keys: names.map(keyOf) });
  const back = await editor.status((status) => areDone(status, count), seen);
  await editor.settled();
  assert.ok(one.reportId !== undefined && back.reportId !== undefined);
  const published = (editor.statuses.at(-1)?.reportId ?? 0) - one.reportId;
  assert.ok(published <= count, `${count} reports came back and were published ${published} times`);
  assert.deepEqual(
    names.map((name, index) => editor.sentDiagnostics(workspace.file(`${name}.nix`)) - (sent[index] ?? 0)),
    names.map(() => 1),
  );
});

test('reports of a former session are told once each', async () => {
  await using workspace = await makeWorkspace(files);
  const start = (more: object): Promise<Editor> =>
    Editor.start({
      root: workspace.root,
      settings: { ...settings, ...more },
      initializationOptions: { trusted: true, storage: workspace.file('.kept') },
    });
  {
    await using editor = await start({});
    await editor.open(workspace.file('default.nix'));
    await editor.evaluated();
    const { targets } = await editor.targets({ known: true });
    await editor.select({ keys: targets.slice(0, count).map(({ key }) => key) });
    await editor.status((status) => areDone(status, count));
    await editor.settled();
  }
  await using editor = await start({ 'evaluation.onOpen': false });
  await editor.open(workspace.file('default.nix'));
  const last = await editor.status(
    ({ evaluations }) => evaluations.length === count && evaluations.every(({ asOf }) => asOf !== undefined),
  );
  await editor.settled();
  assert.ok(last.reportId !== undefined);
  const published = editor.statuses.at(-1)?.reportId ?? 0;
  assert.ok(published <= count, `${count} reports came back and were published ${published} times`);
  // As soon as there are several, the first one says in which evaluation it was seen.
  const sent = names.map((name) => editor.sentDiagnostics(workspace.file(`${name}.nix`)));
  assert.ok(
    sent.every((times) => times >= 1) && sent.reduce((one, other) => one + other) <= count + 1,
    sent.join(),
  );
});
