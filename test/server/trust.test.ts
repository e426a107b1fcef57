import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { methods } from '../../server/src/protocol.ts';
import { processesWith } from '../support/nixProcesses.ts';
import { Editor, textOf } from './support/editor.ts';
import { leakyFile, makeWorkspace } from './support/workspace.ts';

const settings = { targets: [{ file: 'default.nix', attribute: 'app' }], evaluateAs: 'x86_64-darwin' };

describe('in a workspace that is not trusted', () => {
  test('files are parsed and nothing is evaluated, until it is trusted', async () => {
    const broken = leakyFile.replace('tool other ]', 'tool other');
    await using workspace = await makeWorkspace({ 'default.nix': broken });
    const file = workspace.file('default.nix');
    const mark = `NPL_TEST_MARK=${workspace.root}`;
    await using editor = await Editor.start({
      root: workspace.root,
      settings,
      initializationOptions: { trusted: false },
      env: { ...process.env, NPL_TEST_MARK: workspace.root },
    });
    await editor.open(file);
    const [problem] = await editor.someDiagnostics(file);
    assert.ok(problem);
    assert.match(textOf(problem), /^Syntax error: /);
    assert.equal(problem.code, 'syntax');
    assert.equal(problem.range.start.line, editor.positionOf(file, 'tool other').line);

    // Nothing that is asked for starts Nix.
    await editor.type(file, 'tool other', ' ]');
    await editor.save(file);
    await editor.connection.sendRequest(methods.evaluate);
    await editor.execute('nixPlatformLens.server.evaluate');
    await editor.connection.sendRequest(methods.selectTarget, { evaluateAs: ['aarch64-darwin'] });
    await editor.until('No problem', () => (editor.diagnostics(file).length === 0 ? true : undefined));
    await editor.settled();
    assert.equal(processesWith(mark).length, 1);
    assert.deepEqual(new Set(editor.statuses.map(({ state }) => state)), new Set(['untrusted']));
    assert.deepEqual(await editor.inlayHints(file), []);
    assert.deepEqual(await editor.codeLenses(file), []);
    assert.equal(await editor.hover(file, 'tool =', 1), null);
    assert.equal((await editor.targets()).targets.length, 1);

    await editor.connection.sendNotification(methods.trust);
    const status = await editor.evaluated();
    assert.equal(status.evaluateAs, 'aarch64-darwin');
    assert.equal(status.summary?.leaks, 1);
    assert.deepEqual(editor.log, []);
  });
});
