import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { describe, test } from 'node:test';

import { NixFolder } from '../support/nixFolder.ts';
import { nixOf, processesWith, until } from '../support/nixProcesses.ts';
import { startCommand } from '../support/command.ts';
import { Editor } from '../server/support/editor.ts';

/** Computes for hours without a pause in which it would hear a signal. */
const endless = `builtins.foldl' (a: n: a + builtins.foldl' (b: m: b + m) 0 (builtins.genList (x: x + n) 10000)) 0 (builtins.genList (x: x) 1000000)`;
const derivation = 'derivation { name = "x"; system = "x86_64-linux"; builder = "/bin/sh"; }';

/** What is under way when the program is killed: the text of default.nix, and how many Nix processes that makes. */
const stages: readonly { readonly name: string; readonly text: string; readonly processes: number }[] = [
  { name: 'two evaluations are under way', text: `{ never = ${endless}; }`, processes: 2 },
  {
    name: 'a probe is under way, and the closure was read',
    // Only the copy in a temporary folder computes for ever.
    text: `{ never = if builtins.match ".*/tmp-[^/]*/nix-platform-lens-.*" (builtins.unsafeGetAttrPos "here" { here = 1; }).file == null
      then ${derivation} else ${endless}; }`,
    processes: 1,
  },
];

/** A folder of the test's own for temporary files, which also marks the processes. */
interface Trial {
  readonly workspace: NixFolder;
  readonly env: Readonly<Record<string, string>>;
  readonly mark: string;
  readonly temporary: () => string[];
}

function openTrial(folder: NixFolder, text: string): Trial {
  folder.write('workspace/default.nix', text);
  const temporary = folder.file('tmp-killed');
  mkdirSync(temporary);
  return {
    workspace: folder,
    env: { TMPDIR: temporary, NPL_TEST_MARK: folder.path },
    mark: `NPL_TEST_MARK=${folder.path}`,
    temporary: () => readdirSync(temporary).filter((name) => name.startsWith('nix-platform-lens-')),
  };
}

async function nothingRemains({ mark, temporary }: Trial): Promise<void> {
  await until('all processes are gone', () => processesWith(mark).length === 0);
  assert.deepEqual(temporary(), [], 'no temporary folder is left');
}

for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGABRT'] as const) {
  describe(`after ${signal} nothing is left behind`, () => {
    for (const { name, text, processes } of stages) {
      test(`of the command, while ${name}`, async () => {
        using folder = new NixFolder({}, 'npl-killed-');
        const trial = openTrial(folder, text);
        const args = ['check', '-f', 'default.nix', '-A', 'never'];
        const command = await startCommand(args, folder.file('workspace'), trial.env);
        await until(name, () => nixOf(trial.mark).length >= processes && trial.temporary().length > 0);
        command.kill(signal);
        await command.ended;
        await nothingRemains(trial);
      });

      test(`of the server, while ${name}`, async () => {
        using folder = new NixFolder({}, 'npl-killed-');
        const trial = openTrial(folder, text);
        const settings = { targets: [{ file: 'default.nix', attribute: 'never' }] };
        const env = { ...process.env, ...trial.env };
        const editor = await Editor.start({ root: folder.file('workspace'), settings, env });
        await editor.open(folder.file('workspace/default.nix'));
        await editor.untilQuiet(
          name,
          () => nixOf(trial.mark).length >= processes && trial.temporary().length > 0,
        );
        const ended = once(editor.process, 'exit');
        editor.process.kill(signal);
        await ended;
        editor.connection.dispose();
        await nothingRemains(trial);
      });
    }
  });
}

test('after SIGKILL right at the start of Nix, before anybody watches over it, nothing is left behind', async () => {
  using folder = new NixFolder({}, 'npl-killed-');
  const trial = openTrial(folder, `{ never = ${endless}; }`);
  const preload = folder.write(
    'kill.cjs',
    `const processes = require('node:child_process');
    const { spawn } = processes;
    processes.spawn = (program, args, options) => {
      const child = spawn(program, args, options);
      if (args.includes('--attr')) process.kill(process.pid, 'SIGKILL');
      return child;
    };
    require('node:module').syncBuiltinESMExports();`,
  );
  const env = { ...trial.env, NODE_OPTIONS: `--require=${preload}` };
  const command = await startCommand(['check', '-A', 'never'], folder.file('workspace'), env);
  assert.equal((await command.ended).signal, 'SIGKILL');
  await until('Nix is gone', () => processesWith(trial.mark).length === 0);
});

test('what was left behind all the same is swept by the next one, and nobody else’s is', async () => {
  using folder = new NixFolder({}, 'npl-killed-');
  const trial = openTrial(folder, `{ x = ${derivation}; }`);
  const here = `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  const namespace = createHash('sha256').update(here).digest('hex').slice(0, 12);
  const dead = spawn('true');
  await once(dead, 'exit');
  const left = `nix-platform-lens-${namespace}-${dead.pid}-abc123`;
  const others = [
    // Its owner lives.
    `nix-platform-lens-${namespace}-${process.pid}-abc123`,
    // Its owner may live, in another container.
    `nix-platform-lens-${namespace.replace(/./, 'x')}-${dead.pid}-abc123`,
    'nix-platform-lens-of-mine',
  ];
  for (const name of [left, ...others]) folder.write(`tmp-killed/${name}/files/x.nix`, '1');
  const args = ['check', '-f', 'default.nix', '-A', 'x'];
  const { exitCode, stderr } = await (await startCommand(args, folder.file('workspace'), trial.env)).ended;
  assert.equal(exitCode, 0, stderr);
  await until('the rest of it ends', () => processesWith(trial.mark).length === 0);
  assert.deepEqual(trial.temporary().sort(), others.sort());
});
