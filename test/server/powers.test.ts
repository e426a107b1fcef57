import assert from 'node:assert/strict';
import { mkdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { serverCommands } from '../../server/src/protocol.ts';
import { Editor, textOf } from './support/editor.ts';
import { makeWorkspace, type TestWorkspace } from './support/workspace.ts';

const application = `derivation { name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; inherit x; }`;
const exec = (mark: string): string =>
  `{ x ? builtins.exec [ "/bin/sh" "-c" "echo ran > ${mark}; echo 1" ] }: { app = ${application}; }`;
const unsafe = { 'allow-unsafe-native-code-during-evaluation': 'true' };
const target = { file: 'default.nix', attribute: 'app' };

/** A workspace whose file runs a program where the option is on; and what that program leaves. */
async function attack(shared?: object): Promise<{ workspace: TestWorkspace; hasRun: () => boolean }> {
  const workspace = await makeWorkspace(
    shared === undefined ? {} : { '.nix-platform-lens.json': JSON.stringify(shared) },
  );
  const mark = `${workspace.root}.has-run`;
  await writeFile(workspace.file('default.nix'), exec(mark));
  return { workspace, hasRun: () => existsSync(mark) };
}

describe('a repository in an editor', () => {
  test('its target file names no powers, is told so at the place, and offers no target', async () => {
    const shared = { targets: [{ ...target, option: unsafe }] };
    const attacked = await attack(shared);
    await using workspace = attacked.workspace;
    const { hasRun } = attacked;
    await using editor = await Editor.start({ root: workspace.root, settings: {} });
    await editor.open(workspace.file('default.nix'));
    const [problem] = await editor.someDiagnostics(workspace.file('.nix-platform-lens.json'));
    assert.match(textOf(problem ?? assert.fail()), /may not set the option "allow-unsafe-native-code/);
    assert.equal(problem?.range.start.character, JSON.stringify(shared).indexOf('"allow-'));
    await editor.evaluated();
    assert.ok(!hasRun());
  });

  test('settings of the workspace name no powers, and none that is the person’s alone takes effect', async () => {
    const attacked = await attack();
    await using workspace = attacked.workspace;
    const { hasRun } = attacked;
    const evil = workspace.file('bin/nix-instantiate');
    await mkdir(workspace.file('bin'));
    await writeFile(evil, `#!/bin/sh\necho ran > ${workspace.root}.has-run\n`, { mode: 0o755 });
    await using editor = await Editor.start({
      root: workspace.root,
      initializationOptions: { separateSettings: true },
      settings: {
        'evaluation.onSave': false,
        targets: [{ ...target, argstr: { x: 'own' } }],
        fromWorkspace: {
          targets: [{ ...target, option: unsafe }],
          'nix.directory': workspace.file('bin'),
          'evaluation.allowImportFromDerivation': true,
          'evaluation.timeout': 100_000,
          'evaluation.memoryLimit': 100_000,
          'evaluation.onSave': true,
        },
      },
    });
    await editor.open(workspace.file('default.nix'));
    const { state } = await editor.evaluated();
    // The person's own target.
    assert.equal(state, 'done');
    assert.ok(!hasRun());
    const [shown = ''] = editor.shown;
    assert.match(
      shown,
      /targets is not valid \(0\.option\.allow-unsafe.* What the workspace sets there is not used\./,
    );
    for (const key of ['nix.directory', 'evaluation.allowImportFromDerivation', 'evaluation.timeout'])
      assert.match(shown, new RegExp(`nixPlatformLens\\.${key} cannot be set by a workspace`));
    assert.match(shown, /nixPlatformLens\.evaluation\.onSave cannot be switched on by a workspace/);
  });

  test('from a client that tells the two apart, what is pushed is never taken for the person’s', async () => {
    const attacked = await attack();
    await using workspace = attacked.workspace;
    const { hasRun } = attacked;
    await using editor = await Editor.start({
      root: workspace.root,
      initializationOptions: { separateSettings: true },
      settings: null,
    });
    await editor.push({ nixPlatformLens: { targets: [{ ...target, option: unsafe }] } });
    await editor.open(workspace.file('default.nix'));
    await editor.evaluated();
    await editor.settled();
    assert.ok(!hasRun());
  });

  test('the person’s own settings may set any option', async () => {
    const attacked = await attack();
    await using workspace = attacked.workspace;
    const { hasRun } = attacked;
    await using editor = await Editor.start({
      root: workspace.root,
      settings: { targets: [{ ...target, option: unsafe }] },
    });
    await editor.open(workspace.file('default.nix'));
    assert.equal((await editor.evaluated()).state, 'done');
    assert.ok(hasRun());
    await rm(`${workspace.root}.has-run`);
  });
});

describe('paths outside the workspace', () => {
  const names = { targets: [{ ...target, arg: { x: 'import ../secret.nix' } }] };

  /** A workspace in a folder with a secret beside it. */
  async function withSecret(): Promise<{ outer: TestWorkspace; root: string; secret: string }> {
    const outer = await makeWorkspace({
      'secret.nix': '"one"',
      'repository/default.nix': `{ x }: { app = ${application}; }`,
      'repository/.nix-platform-lens.json': JSON.stringify(names),
    });
    return {
      outer,
      root: outer.file('repository'),
      secret: await realpath(outer.file('secret.nix')),
    };
  }

  test('are asked for once; the answer holds in later sessions, for that path, and lies outside', async () => {
    const made = await withSecret();
    await using outer = made.outer;
    const { root, secret } = made;
    const storage = outer.file('storage');
    const initializationOptions = { clientCommands: false, storage };
    const file = join(root, 'default.nix');
    {
      await using editor = await Editor.start({ root, initializationOptions, settings: {} });
      await editor.open(file);
      const status = await editor.evaluated();
      assert.equal(status.state, 'failed');
      assert.deepEqual(status.actions, [
        { kind: 'allow-path', path: secret, message: `The target names ${secret}, outside the workspace.` },
      ]);
      // Nothing can be allowed that no target asked for.
      await assert.rejects(editor.execute(serverCommands.allowPath, { path: '/etc' }), /No target asks for/);
      const [diagnostic] = await editor.someDiagnostics(file);
      const [action] = await editor.codeActions(file, diagnostic ?? assert.fail());
      assert.equal(action?.title, `Allow ${secret} for this workspace`);
      // Where the target file names it as well, whoever has that open.
      const shared = join(root, '.nix-platform-lens.json');
      const [named, ...others] = await editor.someDiagnostics(shared);
      assert.deepEqual(others, []);
      assert.match(textOf(named ?? assert.fail()), new RegExp(`The target names .*secret\\.nix, outside`));
      const lines = (await readFile(shared, 'utf8')).split('\n');
      const { start, end } = named?.range ?? assert.fail();
      assert.match(
        lines[start.line]?.slice(start.character, end.character) ?? '',
        /^"[^"]*secret\.nix[^"]*"$/,
      );
      const seen = editor.statuses.length;
      const given: unknown[] = action.command?.arguments ?? [];
      await editor.execute(action.command?.command ?? '', ...given);
      const allowed = await editor.evaluated(seen);
      assert.equal(allowed.state, 'done');
      assert.equal(allowed.actions, undefined);
    }
    assert.deepEqual(await outer.list().then((all) => all.filter((name) => name.startsWith('repository/'))), [
      'repository/.nix-platform-lens.json',
      'repository/default.nix',
    ]);
    {
      await using editor = await Editor.start({ root, initializationOptions, settings: {} });
      await editor.open(file);
      assert.equal((await editor.evaluated()).state, 'done');
    }
    // A link in the place of what was allowed leads elsewhere: that was not allowed.
    await writeFile(outer.file('other.nix'), '"two"');
    await writeFile(
      join(root, '.nix-platform-lens.json'),
      JSON.stringify({ targets: [{ ...target, arg: { x: 'import ./link.nix' } }] }),
    );
    await symlink(outer.file('other.nix'), join(root, 'link.nix'));
    await using editor = await Editor.start({ root, initializationOptions, settings: {} });
    await editor.open(file);
    const { actions } = await editor.evaluated();
    assert.deepEqual(
      actions?.map((action) => (action.kind === 'allow-path' ? action.path : '')),
      [await realpath(outer.file('other.nix'))],
    );
  });

  test('a target of a repository that was chosen, and kept, does not become the person’s own', async () => {
    const made = await withSecret();
    await using outer = made.outer;
    const { root } = made;
    const storage = outer.file('storage');
    const file = join(root, 'default.nix');
    {
      await using editor = await Editor.start({ root, initializationOptions: { storage }, settings: {} });
      await editor.open(file);
      await editor.evaluated();
      const [item] = (await editor.targets()).targets;
      const seen = editor.statuses.length;
      await editor.select({ keys: [item?.key ?? assert.fail()] });
      assert.equal((await editor.evaluated(seen)).state, 'failed');
    }
    // As one that was chosen before such options were refused.
    const choice = join(storage, 'choice.json');
    const text = await readFile(choice, 'utf8');
    assert.match(text, /"option":\[\]/);
    await rm(join(root, '.nix-platform-lens.json'));
    for (const [kept, message] of [
      [text, /names .*secret\.nix, outside the workspace/],
      [
        text.replace('"option":[]', '"option":[["plugin-files","./evil.so"]]'),
        /may not set the option "plugin-files"/,
      ],
    ] as const) {
      await writeFile(choice, kept);
      await using editor = await Editor.start({ root, initializationOptions: { storage }, settings: {} });
      await editor.open(file);
      const status = await editor.evaluated();
      assert.equal(status.state, 'failed');
      assert.match(status.message ?? '', message);
    }
  });
});
