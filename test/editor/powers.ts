import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWindow } from './vsCode.ts';

test('what a trusted repository brings along names no powers, and asks for paths outside', async () => {
  const around = await realpath(await mkdtemp(join(tmpdir(), 'nix-platform-lens-powers-')));
  const [folder, mark] = [join(around, 'repository'), join(around, 'has-run')];
  try {
    const unsafe = { 'allow-unsafe-native-code-during-evaluation': 'true' };
    const files = {
      'default.nix': `{ x ? builtins.exec [ "/bin/sh" "-c" "echo ran > ${mark}; echo 1" ] }: {
  app = derivation { name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; inherit x; };
}
`,
      '.nix-platform-lens.json': JSON.stringify({
        targets: [{ file: 'default.nix', attribute: 'app', arg: { x: 'import ../secret.nix' } }],
      }),
      '.vscode/settings.json': JSON.stringify({
        'nixPlatformLens.targets': [{ file: 'default.nix', attribute: 'app', option: unsafe }],
        'nixPlatformLens.nix.directory': join(folder, 'bin'),
        'nixPlatformLens.evaluation.allowImportFromDerivation': true,
      }),
    };
    for (const name of ['.vscode', 'bin']) await mkdir(join(folder, name), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    for (const name of ['nix', 'nix-instantiate'])
      await writeFile(join(folder, 'bin', name), `#!/bin/sh\necho ran > ${mark}\n`, { mode: 0o755 });
    await writeFile(join(around, 'secret.nix'), '"one"');

    await using editor = await openWindow({
      folder,
      open: join(folder, 'default.nix'),
    });
    await editor.trustWorkspace();
    await editor.openFile('default.nix');
    const told = (text: string) =>
      editor.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
    await told('may not set the option "allow-unsafe-native-code-during-evaluation"').waitFor();
    await told(`The target names ${join(around, 'secret.nix')}, outside the workspace.`).waitFor();
    assert.ok(!existsSync(mark));

    await told('The target names').getByRole('button', { name: 'Allow It for This Workspace' }).click();
    const evaluated = editor.page.locator('.statusbar-item:has(.codicon-pass)', { hasText: 'app' });
    await evaluated.first().waitFor();
    assert.ok(!existsSync(mark));
    assert.deepEqual((await readdir(folder)).sort(), [
      '.nix-platform-lens.json',
      '.vscode',
      'bin',
      'default.nix',
    ]);
  } finally {
    await rm(around, { recursive: true, force: true });
  }
});
