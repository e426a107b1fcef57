import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CancellationTokenSource } from 'vscode-languageserver/node';

import {
  methods,
  type ClosureChildrenResult,
  type ClosureNode,
  type VerifyOutputsResult,
} from '../../server/src/protocol.ts';
import { RealisedStore } from '../support/realisedStore.ts';
import { Editor } from './support/editor.ts';

describe('what is in the store of a row', () => {
  const store = new RealisedStore(`
    mac = make "mac-tool" { system = "aarch64-darwin"; build = "install $files/mac-arm64 $out/bin/tool"; };
    compiler = make "compiler" { build = "echo x > $out"; };
    app = make "app" {
      buildInputs = [ mac ];
      nativeBuildInputs = [ compiler ];
      build = "install $files/elf-x86_64 $out/bin/app; echo \${mac} > $out/tool";
    };
  `);
  let editor: Editor;
  let reportId = -1;

  before(async () => {
    store.build('app');
    // Nothing refers to it any more once the build is done.
    store.run('nix-store', ['--delete', ...store.build('compiler')]);
    editor = await Editor.start({
      root: store.directory,
      settings: { targets: [{ file: 'default.nix', attribute: 'app' }] },
    });
    await editor.open(store.file);
    reportId = (await editor.evaluated()).reportId ?? -1;
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    store[Symbol.dispose]();
  });

  const children = async (parent?: string): Promise<readonly ClosureNode[]> => {
    const params = { reportId, ...(parent !== undefined && { parent }), offset: 0, limit: 100 };
    const page = await editor.connection.sendRequest<ClosureChildrenResult>(methods.closureChildren, params);
    return page.nodes;
  };
  const verify = (key: string): Promise<VerifyOutputsResult> =>
    editor.connection.sendRequest(methods.verifyOutputs, { reportId, key });

  test('what is wrong leads to the derivation that makes it', async () => {
    const { state, summary, findings, text } = await verify('root');
    assert.equal(state, 'wrong');
    assert.equal(summary, '1 file cannot run on x86_64-linux');
    const [finding] = findings;
    assert.equal(finding?.label, 'bin/tool');
    assert.equal(finding.description, 'Mach-O arm64, expected ELF x86-64');
    const rows = [...(await children()), ...(await children('root'))];
    assert.deepEqual(
      finding.path,
      ['app', 'mac-tool'].map((name) => rows.find(({ label }) => label === name)?.drvPath),
    );
    assert.match(text, /^error: bin\/tool: Mach-O arm64, expected ELF x86-64$/m);
  });

  test('a row is held against its own host platform', async () => {
    const mac = (await children('root')).find(({ label }) => label === 'mac-tool');
    const { state, summary, findings } = await verify(mac?.key ?? '');
    assert.equal(state, 'right');
    assert.equal(summary, 'everything in it runs on aarch64-darwin');
    assert.deepEqual(findings, []);
  });

  test('what is not in the store is not built', async () => {
    const compiler = (await children('root')).find(({ label }) => label === 'compiler');
    const { state, text } = await verify(compiler?.key ?? '');
    assert.equal(state, 'absent');
    assert.match(text, /nix-store --realise \/nix\/store\/\w+-compiler\.drv/);
  });

  test('rows that are none, and reports that are gone, are refused with a reason', async () => {
    for (const key of ['', 'leaks', 'root/999', '../..'])
      await assert.rejects(verify(key), /This row stands for no derivation/, key);
    const params = { reportId: reportId + 1, key: 'root' };
    await assert.rejects(editor.connection.sendRequest(methods.verifyOutputs, params), /stands for no/);
    await assert.rejects(
      editor.connection.sendRequest(methods.verifyOutputs, { key: 'root' }),
      /verifyOutputs was called with arguments of another form/,
    );
  });

  test('it ends when it is cancelled', async () => {
    const source = new CancellationTokenSource();
    const asked = editor.connection.sendRequest(
      methods.verifyOutputs,
      { reportId, key: 'root' },
      source.token,
    );
    source.cancel();
    await assert.rejects(asked, /cancelled/);
    assert.equal((await verify('root')).state, 'wrong');
    assert.deepEqual(editor.log, []);
  });
});

test('nothing is asked in a workspace that is not trusted', async () => {
  using store = new RealisedStore(`app = make "app" { build = "exit 1"; };`);
  await using editor = await Editor.start({
    root: store.directory,
    initializationOptions: { trusted: false },
  });
  await editor.open(store.file);
  await assert.rejects(
    editor.connection.sendRequest(methods.verifyOutputs, { reportId: 0, key: 'root' }),
    /trust the workspace|stands for no derivation/,
  );
});
