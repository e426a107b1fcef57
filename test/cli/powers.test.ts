import assert from 'node:assert/strict';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { runCommand } from '../support/command.ts';

/** What a repository holds, and the folder around it, in which an attack leaves its mark. */
interface Repository extends AsyncDisposable {
  readonly root: string;
  readonly around: string;
  /** True where code of the repository ran as a program. */
  hasRun(): boolean;
}

async function repository(files: Readonly<Record<string, string>>): Promise<Repository> {
  const around = await realpath(await mkdtemp(join(tmpdir(), 'npl-powers-')));
  const root = join(around, 'repository');
  const mark = join(around, 'has-run');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text.replaceAll('MARK', mark).replaceAll('AROUND', around));
  }
  return {
    root,
    around,
    hasRun: () => existsSync(mark),
    [Symbol.asyncDispose]: () => rm(around, { recursive: true, force: true }),
  };
}

const derivation =
  'derivation { name = "app"; system = builtins.currentSystem; builder = "/bin/sh"; inherit x; }';
const plain = `{ x ? 1 }: { app = ${derivation}; }`;
const exec = `{ x ? builtins.exec [ "/bin/sh" "-c" "echo ran > MARK; echo 1" ] }: { app = ${derivation}; }`;
const built = `{ x ? import (derivation { name = "built"; system = builtins.currentSystem; builder = "/bin/sh";
  args = [ "-c" "echo ran > MARK; echo 1 > $out" ]; }) }: { app = ${derivation}; }`;

const shared = (entry: object): string => JSON.stringify({ targets: [entry] });
const target = { file: 'release.nix', attribute: 'app' };
const label = 'release.nix · app';

/** Every command that takes a target of the target file. */
const commands: readonly (readonly string[])[] = [
  ['check', '--all'],
  ['check', '--target', label],
  ['check', '--list'],
  ['why', '--target', label, 'app'],
  ['verify', '--target', label],
];

describe('a repository’s target file names no powers', () => {
  const powers = [
    ['allow-unsafe-native-code-during-evaluation', exec],
    ['allow-import-from-derivation', built],
    ['plugin-files', plain],
    ['Allow-Import-From-Derivation', built],
    ['extra-plugin-files', plain],
  ] as const;

  /** Runs a command where a target of that label names these powers: each is refused, and none used. */
  async function expectRefused(named: readonly (typeof powers)[number][], command: readonly string[]) {
    const releases: Record<string, string> = {};
    const targets = named.map(([option, release], index) => {
      const file = `release${index || ''}.nix`;
      releases[file] = release;
      return { ...target, file, option: { [option]: 'true' } };
    });
    await using repo = await repository({
      ...releases,
      '.nix-platform-lens.json': JSON.stringify({ targets }),
    });
    const { exitCode, stderr } = await runCommand(command, repo.root);
    assert.equal(exitCode, 2);
    for (const [option] of named)
      assert.match(stderr, new RegExp(`^error: \\.nix-platform-lens\\.json:1:\\d+: .*"${option}"`, 'm'));
    assert.match(stderr, /set it yourself with --option on the command line/);
    assert.ok(!repo.hasRun());
  }

  for (const power of powers) {
    test(`${power[0]}, by itself`, () => expectRefused([power], ['check', '--all']));
  }

  for (const command of commands) {
    test(`all of them, in ${command.join(' ')}`, () => expectRefused(powers, command));
  }

  test('the same option on the command line is the person’s own, and does it', async () => {
    await using repo = await repository({ 'release.nix': exec });
    const option = ['--option', 'allow-unsafe-native-code-during-evaluation', 'true'];
    const { exitCode, stderr } = await runCommand(
      ['check', '-f', 'release.nix', '-A', 'app', ...option],
      repo.root,
    );
    assert.equal(exitCode, 0, stderr);
    assert.ok(repo.hasRun());
  });

  test('words that begin with a dash are values, not flags', async () => {
    for (const entry of [
      { ...target, attribute: '--option' },
      { ...target, arg: { '--option': '1', x: '1' } },
      { ...target, argstr: { '-I': '--option' } },
      { ...target, include: ['--option', '-I'] },
      { ...target, file: '--expr' },
      { expression: '--option' },
      { flake: './.', attribute: '--impure' },
    ]) {
      await using repo = await repository({
        'release.nix': exec,
        '.nix-platform-lens.json': shared(entry),
      });
      const { stderr } = await runCommand(['check', '--all', '--no-fixes'], repo.root);
      assert.doesNotMatch(stderr, /unrecognised flag|requires .* argument/, JSON.stringify(entry));
      assert.ok(!repo.hasRun());
    }
    // Nix would take the flake of the folder, with another search path.
    await using repo = await repository({ '.nix-platform-lens.json': shared({ flake: '-I/evil' }) });
    const { stderr } = await runCommand(['check', '--all'], repo.root);
    assert.match(stderr, /targets\[0\]\.flake: a flake reference does not begin with a dash/);
  });

  test('keys that are there twice, or that JavaScript knows, hide nothing', async () => {
    await using repo = await repository({
      'release.nix': exec,
      '.nix-platform-lens.json': `{ "targets": [{ "file": "release.nix", "attribute": "app",
        "option": { "system": "x86_64-linux" },
        "option": { "allow-unsafe-native-code-during-evaluation": "true" } }] }`,
    });
    const twice = await runCommand(['check', '--all'], repo.root);
    assert.equal(twice.exitCode, 2);
    assert.match(twice.stderr, /:3:9: targets\[0\]: the key "option" is there twice/);
    await writeFile(
      join(repo.root, '.nix-platform-lens.json'),
      '{ "targets": [{ "file": "release.nix", "attribute": "app", "option": { "__proto__": "x", "constructor": "x" } }] }',
    );
    const odd = await runCommand(['check', '--all'], repo.root);
    assert.equal(odd.exitCode, 2);
    assert.match(odd.stderr, /the option "constructor"/);
    assert.ok(!repo.hasRun());
  });

  test('a link that leads to a file of the person is not read', async () => {
    await using repo = await repository({ 'release.nix': plain });
    await writeFile(join(repo.around, 'credentials.json'), '{ "password": "hunter2" }');
    await symlink(join(repo.around, 'credentials.json'), join(repo.root, '.nix-platform-lens.json'));
    for (const command of [
      ['check', '--all'],
      ['check', '-f', 'release.nix', '-A', 'app'],
    ]) {
      const { exitCode, stdout, stderr } = await runCommand(command, repo.root);
      assert.equal(exitCode, 2);
      assert.match(stderr, /a link to .*credentials\.json, outside the folder/);
      assert.doesNotMatch(stdout + stderr, /password|hunter2/);
    }
  });
});

describe('paths outside the folder', () => {
  const secret = { ...target, arg: { x: 'import ../secret.nix' } };
  const files = {
    'release.nix': plain,
    '.nix-platform-lens.json': shared(secret),
    '../secret.nix': '"hunter2"',
  };

  test('a target that names one is refused by name, with the flag that allows it', async () => {
    await using repo = await repository(files);
    // To list it is to evaluate nothing.
    for (const command of commands.filter((words) => !words.includes('--list'))) {
      const { exitCode, stdout, stderr } = await runCommand(command, repo.root);
      assert.equal(exitCode, 2);
      assert.match(stderr, new RegExp(`The target names ${repo.around}/secret\\.nix, outside the workspace`));
      assert.match(stderr, new RegExp(`--allow-path ${repo.around}/secret\\.nix`));
      assert.doesNotMatch(stdout + stderr, /hunter2/);
    }
  });

  test('--allow-path allows it, absolute or from the working directory, and a folder with what is in it', async () => {
    await using repo = await repository(files);
    for (const path of ['../secret.nix', join(repo.around, 'secret.nix'), '..']) {
      const { exitCode, stderr } = await runCommand(['check', '--all', '--allow-path', path], repo.root);
      assert.equal(exitCode, 0, stderr);
    }
    const other = await runCommand(['check', '--all', '--allow-path', '../elsewhere'], repo.root);
    assert.equal(other.exitCode, 2);
  });

  test('the command line itself may name any path', async () => {
    await using repo = await repository(files);
    const { exitCode, stderr } = await runCommand(
      ['check', '-f', 'release.nix', '-A', 'app', '--arg', 'x', 'import ../secret.nix'],
      repo.root,
    );
    assert.equal(exitCode, 0, stderr);
  });

  test('relative paths of a target file start at its folder, from wherever it is asked for', async () => {
    await using repo = await repository({
      'release.nix': '{ x ? 1 }: { app = import <lib> x; }',
      'lib/default.nix': `x: ${derivation}`,
      '.nix-platform-lens.json': shared({ ...target, include: ['lib=./lib'] }),
    });
    const { exitCode, stderr } = await runCommand(['check', '--all', '--workspace', repo.root], repo.around);
    assert.equal(exitCode, 0, stderr);
  });
});

test('a report is not written through a link of the repository to a file outside it', async () => {
  await using repo = await repository({ 'release.nix': plain, '../precious': 'mine' });
  await symlink(join(repo.around, 'precious'), join(repo.root, 'out.json'));
  const args = ['check', '-f', 'release.nix', '-A', 'app', '--report', 'json=out.json'];
  const { exitCode, stderr } = await runCommand(args, repo.root);
  assert.equal(exitCode, 2);
  assert.match(stderr, /out\.json: it leads to .*precious, outside this folder/);
  assert.equal(await readFile(join(repo.around, 'precious'), 'utf8'), 'mine');
});

describe('programs and environment come from the person', () => {
  test('a relative entry of the PATH finds no program of the repository', async () => {
    const program = '#!/bin/sh\necho ran > MARK\nexec false\n';
    await using repo = await repository({
      'release.nix': plain,
      'flake.nix': `{ outputs = { self }: { packages.x86_64-linux.default =
        derivation { name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; }; }; }`,
      git: program,
      'nix-instantiate': program,
      nix: program,
      'bin/git': program,
    });
    for (const name of ['git', 'nix-instantiate', 'nix', 'bin/git'])
      await chmod(join(repo.root, name), 0o755);
    await execa('git', ['init', '--quiet', repo.root]);
    await execa('git', ['-C', repo.root, 'add', '--all']);
    const env = { PATH: `.:bin::${process.env['PATH'] ?? ''}` };
    for (const args of [['-f', 'release.nix', '-A', 'app'], ['.#packages.x86_64-linux.default']]) {
      const { exitCode, stderr } = await runCommand(
        ['check', ...args, '--as', 'x86_64-linux'],
        repo.root,
        env,
      );
      assert.equal(exitCode, 0, stderr);
      assert.ok(!repo.hasRun(), args.join(' '));
    }
  });
});
