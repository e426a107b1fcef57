import assert from 'node:assert/strict';
import { execa } from 'execa';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runCommand, type CommandResult } from '../support/command.ts';
import { openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

/** Two tools for the wrong platform, in two files, in a cross-compiled package. */
const files = {
  'default.nix': `{ set }:
let
  pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };
in
pkgs.stdenv.mkDerivation {
  name = "root"; # a text that stays: „ü“
  nativeBuildInputs = [ pkgs.jq ];
  buildInputs = [ (import ./lib.nix { inherit pkgs; }) ];
}
`,
  'lib.nix': `{ pkgs }:
pkgs.stdenv.mkDerivation { name = "lib"; nativeBuildInputs = [ pkgs.vim ]; }
`,
} as const;

const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];

async function git(root: string, ...args: string[]): Promise<string> {
  return (await execa('git', [...identity, ...args], { cwd: root })).stdout;
}

/** A workspace that is committed to a git repository. */
async function open(texts: Readonly<Record<string, string>> = files): Promise<OpenWorkspace> {
  const workspace = await openWorkspace({ files: texts });
  await git(workspace.root, 'init', '-q');
  await git(workspace.root, 'add', '-A');
  await git(workspace.root, 'commit', '-qm', 'all');
  return workspace;
}

function run(workspace: OpenWorkspace, command: 'check' | 'fix', ...args: string[]): Promise<CommandResult> {
  const set = ['--arg', 'set', join(workspace.root, '..', 'set.nix')];
  return runCommand([command, '-f', 'default.nix', ...set, ...args], workspace.root);
}

const textOf = (workspace: OpenWorkspace, name: string): string =>
  readFileSync(join(workspace.root, name), 'utf8');

const repaired = {
  'default.nix': files['default.nix'].replace('pkgs.jq', 'pkgs.pkgsBuildHost.jq'),
  'lib.nix': files['lib.nix'].replace('pkgs.vim', 'pkgs.pkgsBuildHost.vim'),
};

describe('fix', () => {
  test('applies what is proven in all files, changes nothing else, and finds nothing the second time', async () => {
    await using workspace = await open();
    chmodSync(join(workspace.root, 'lib.nix'), 0o755);
    await git(workspace.root, 'commit', '-qam', 'executable');
    const { exitCode, stdout, stderr } = await run(workspace, 'fix');
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^default\.nix:7:29 {2}Use `pkgsBuildHost`.*\(proven: 1 → 0 wrong inputs/m);
    assert.match(stdout, /^Applied 2 repairs in 2 files\. Nothing wrong is left\.$/m);
    assert.equal(textOf(workspace, 'default.nix'), repaired['default.nix']);
    assert.equal(textOf(workspace, 'lib.nix'), repaired['lib.nix']);
    assert.equal(statSync(join(workspace.root, 'lib.nix')).mode & 0o777, 0o755);
    assert.equal(await git(workspace.root, 'status', '--porcelain'), ' M default.nix\n M lib.nix');
    await git(workspace.root, 'commit', '-qam', 'repaired');
    const again = await run(workspace, 'fix');
    assert.equal(again.stdout, 'There is nothing to repair.');
    assert.equal(again.exitCode, 0);
    assert.equal(await git(workspace.root, 'status', '--porcelain'), '');
  });

  test('tells what it applied in the order of the text', async () => {
    const text = files['default.nix'].replace('[ pkgs.jq ]', '[ pkgs.jq pkgs.vim pkgs.git ]');
    await using workspace = await open({ ...files, 'default.nix': text });
    const { stdout } = await run(workspace, 'fix');
    const places = [...stdout.matchAll(/^default\.nix:(\d+:\d+)/gm)].map(([, place]) => place);
    assert.deepEqual(places, ['7:29', '7:37', '7:46']);
  });

  test('--dry-run prints a patch for git, writes nothing, and has the status of check', async () => {
    await using workspace = await open();
    const { exitCode, stdout, stderr } = await run(workspace, 'fix', '--dry-run');
    assert.equal(exitCode, 1);
    assert.match(stderr, /^The patch has 2 repairs\. Nothing wrong is left\.$/m);
    assert.equal(await git(workspace.root, 'status', '--porcelain'), '');
    await execa('git', ['apply', '-'], { cwd: workspace.root, input: `${stdout}\n` });
    assert.equal(textOf(workspace, 'default.nix'), repaired['default.nix']);
    assert.equal(textOf(workspace, 'lib.nix'), repaired['lib.nix']);
    const after = await run(workspace, 'fix', '--dry-run');
    assert.deepEqual([after.stdout, after.exitCode], ['', 0]);
  });

  test('a file with changes that are not committed is left alone, and so are all others', async () => {
    await using workspace = await open();
    const changed = `${files['lib.nix']}# mine\n`;
    writeFileSync(join(workspace.root, 'lib.nix'), changed);
    const { exitCode, stdout, stderr } = await run(workspace, 'fix');
    assert.equal(exitCode, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: lib\.nix: it has changes that are not committed$/m);
    assert.match(stderr, /--allow-dirty/);
    assert.equal(textOf(workspace, 'default.nix'), files['default.nix']);
    assert.equal(textOf(workspace, 'lib.nix'), changed);
    const patch = await run(workspace, 'fix', '--dry-run');
    assert.match(patch.stdout, /^\+\+\+ b\/lib\.nix$/m);
    const forced = await run(workspace, 'fix', '--allow-dirty');
    assert.equal(forced.exitCode, 0, forced.stderr);
    assert.equal(textOf(workspace, 'lib.nix'), `${repaired['lib.nix']}# mine\n`);
  });

  test('changes in other files are no reason to stop', async () => {
    await using workspace = await open();
    writeFileSync(join(workspace.root, 'notes.txt'), 'mine');
    assert.equal((await run(workspace, 'fix')).exitCode, 0);
  });

  test('what git does not know is left alone', async () => {
    await using workspace = await openWorkspace({ files });
    const outside = await run(workspace, 'fix');
    assert.equal(outside.exitCode, 2);
    assert.match(outside.stderr, /^error: default\.nix: it is in no git repository$/m);
    await git(workspace.root, 'init', '-q');
    writeFileSync(join(workspace.root, '.gitignore'), 'lib.nix\n');
    const untracked = await run(workspace, 'fix');
    assert.equal(untracked.exitCode, 2);
    assert.match(untracked.stderr, /^error: default\.nix: git does not know it$/m);
    assert.match(untracked.stderr, /^error: lib\.nix: git does not know it$/m);
    assert.equal(textOf(workspace, 'default.nix'), files['default.nix']);
    assert.equal((await run(workspace, 'fix', '--allow-dirty')).exitCode, 0);
    assert.equal(textOf(workspace, 'lib.nix'), repaired['lib.nix']);
  });

  test('a file at whose changes git was told not to look is left alone', async () => {
    await using workspace = await open();
    const changed = `${files['lib.nix']}# mine\n`;
    for (const flag of ['assume-unchanged', 'skip-worktree']) {
      await git(workspace.root, 'update-index', `--${flag}`, 'lib.nix');
      writeFileSync(join(workspace.root, 'lib.nix'), changed);
      const { exitCode, stderr } = await run(workspace, 'fix');
      assert.equal(exitCode, 2);
      assert.match(stderr, /^error: lib\.nix: git was told not to look at its changes \(git ls-files -v\)$/m);
      assert.equal(textOf(workspace, 'lib.nix'), changed);
      assert.equal(textOf(workspace, 'default.nix'), files['default.nix']);
      await git(workspace.root, 'update-index', `--no-${flag}`, 'lib.nix');
    }
  });

  test('a file that is read-only stays as it is, and so do all others', async () => {
    await using workspace = await open();
    chmodSync(join(workspace.root, 'lib.nix'), 0o444);
    const { exitCode, stdout, stderr } = await run(workspace, 'fix');
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.match(stderr, /^error: lib\.nix: it was not written: it is read-only$/m);
    assert.equal(await git(workspace.root, 'status', '--porcelain'), '');
  });

  test('no program is started that the settings of the repository name', async () => {
    await using workspace = await open();
    const mark = join(workspace.root, '..', 'started');
    const program = join(workspace.root, '..', 'program');
    writeFileSync(program, `#!/bin/sh\ntouch "${mark}"\ncat\n`, { mode: 0o755 });
    for (const name of ['clean', 'smudge', 'process'])
      await git(workspace.root, 'config', `filter.Mine.${name}`, program);
    await git(workspace.root, 'config', 'filter.Mine.required', 'true');
    await git(workspace.root, 'config', 'core.fsmonitor', program);
    writeFileSync(join(workspace.root, '.git', 'info', 'attributes'), '*.nix filter=Mine\n');
    utimesSync(join(workspace.root, 'lib.nix'), 1, 1);
    const { exitCode, stderr } = await run(workspace, 'fix');
    assert.equal(exitCode, 0, stderr);
    assert.equal(existsSync(mark), false);
  });

  test('--only edits that file, and the status says that something is left', async () => {
    await using workspace = await open();
    const { exitCode, stdout } = await run(workspace, 'fix', '--only', 'lib.nix');
    assert.equal(exitCode, 1);
    assert.match(stdout, /^Applied 1 repair in 1 file\. 1 finding is left\.$/m);
    assert.match(stdout, /^ {2}default\.nix:7:25 {2}pkgs\.jq\n {2}no repair is known within/m);
    assert.equal(await git(workspace.root, 'status', '--porcelain'), ' M lib.nix');
    const none = await run(workspace, 'fix', '--only', 'other.nix');
    assert.match(none.stderr, /^note: --only other\.nix: no target reads this file/m);
  });

  test('--rule repairs what that rule finds', async () => {
    await using workspace = await open();
    const other = await run(workspace, 'fix', '--rule', 'host-platform');
    assert.equal(other.exitCode, 1);
    assert.match(other.stdout, /^No repair is proven; 2 findings are left\.$/m);
    assert.equal(await git(workspace.root, 'status', '--porcelain'), '');
    assert.equal((await run(workspace, 'fix', '--rule', 'build-platform')).exitCode, 0);
    const wrong = await run(workspace, 'fix', '--rule', 'no-such-rule');
    assert.equal(wrong.exitCode, 2);
  });

  test('lines end as they did, and so does the file', async () => {
    const crlf = files['default.nix'].replaceAll('\n', '\r\n').replace(/\r\n$/, '');
    await using workspace = await open({ ...files, 'default.nix': crlf });
    const { stdout } = await run(workspace, 'fix', '--dry-run');
    assert.equal((await run(workspace, 'fix')).exitCode, 0);
    assert.equal(textOf(workspace, 'default.nix'), crlf.replace('pkgs.jq', 'pkgs.pkgsBuildHost.jq'));
    await git(workspace.root, 'checkout', '-q', '.');
    await execa('git', ['apply', '-'], { cwd: workspace.root, input: `${stdout}\n` });
    assert.equal(textOf(workspace, 'default.nix'), crlf.replace('pkgs.jq', 'pkgs.pkgsBuildHost.jq'));
  });

  test('a link to a file outside the workspace is not edited; one within it stays a link', async () => {
    const inner = files['lib.nix'].replace('"lib"', '"inner"');
    await using workspace = await openWorkspace({ files: { ...files, 'parts/inner.nix': inner } });
    const outside = join(workspace.root, '..', 'outside.nix');
    writeFileSync(outside, files['lib.nix']);
    mkdirSync(join(workspace.root, 'links'));
    symlinkSync(outside, join(workspace.root, 'links', 'outside.nix'));
    symlinkSync('../parts/inner.nix', join(workspace.root, 'links', 'inner.nix'));
    writeFileSync(
      join(workspace.root, 'default.nix'),
      files['default.nix'].replace(
        '(import ./lib.nix { inherit pkgs; })',
        '(import ./links/outside.nix { inherit pkgs; }) (import ./links/inner.nix { inherit pkgs; })',
      ),
    );
    const { stdout: patch } = await run(workspace, 'fix', '--dry-run');
    const { exitCode, stdout } = await run(workspace, 'fix', '--allow-dirty');
    assert.equal(exitCode, 1, stdout);
    await execa('git', ['apply', '--reverse', '--check', '-'], { cwd: workspace.root, input: `${patch}\n` });
    assert.equal(readFileSync(outside, 'utf8'), files['lib.nix']);
    assert.equal(textOf(workspace, 'parts/inner.nix'), inner.replace('pkgs.vim', 'pkgs.pkgsBuildHost.vim'));
    assert.ok(lstatSync(join(workspace.root, 'links', 'inner.nix')).isSymbolicLink());
    assert.match(
      stdout,
      /^ {2}its repair would edit a file outside of the workspace, to which a link leads$/m,
    );
  });

  test('a file that is read under two names is not edited: a copy of one shows nothing of the other', async () => {
    const { 'lib.nix': library } = files;
    // Natively it is right, and only so.
    const text = `{ set }:
let
  pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };
  native = import set { system = "x86_64-linux"; };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  buildInputs = [ (import ./lib.nix { inherit pkgs; }) ];
  nativeBuildInputs = [ (import ./parts/link.nix { pkgs = native; }) ];
}
`;
    await using workspace = await openWorkspace({ files: { 'default.nix': text, 'lib.nix': library } });
    mkdirSync(join(workspace.root, 'parts'));
    symlinkSync('../lib.nix', join(workspace.root, 'parts', 'link.nix'));
    const { exitCode, stdout } = await run(workspace, 'fix', '--allow-dirty');
    assert.equal(exitCode, 1);
    assert.match(stdout, /^ {2}its repair would edit a file that is read under several names, since links/m);
    assert.equal(textOf(workspace, 'lib.nix'), library);
    assert.equal(textOf(workspace, 'default.nix'), text);
  });

  test('a target that does not evaluate is status 2, and nothing is written', async () => {
    await using workspace = await open({ ...files, 'lib.nix': '{ pkgs }: pkgs.missing' });
    const { exitCode, stderr } = await run(workspace, 'fix');
    assert.equal(exitCode, 2);
    assert.match(stderr, /error: .*missing/);
    assert.equal(await git(workspace.root, 'status', '--porcelain'), '');
  });

  test('what is proven only by itself is repaired in a round of its own', async () => {
    // The binding would be edited first, and the service would run a program of the build machine then.
    const text = `{ set }:
let
  pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };
  variant = "jq";
  pkg = pkgs.\${variant};
  conf = pkgs.runCommand "thing.conf" { } "\${pkg}/bin/jq . \${./x.json} > $out";
  unit = pkgs.writeText "thing.service" "ExecStart=\${pkg}/bin/jq --args \${conf}";
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ pkgs.vim ];
  postInstall = "ln -s \${unit} $out/";
}
`;
    await using workspace = await open({ 'default.nix': text, 'x.json': '{}' });
    const { exitCode, stdout, stderr } = await run(workspace, 'fix');
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^Applied 2 repairs in 1 file\. Nothing wrong is left\.$/m);
    assert.equal(
      textOf(workspace, 'default.nix'),
      text
        .replace('pkgs.vim', 'pkgs.pkgsBuildHost.vim')
        .replace('"\${pkg}/bin/jq . ', '"\${pkgs.pkgsBuildHost.\${variant}}/bin/jq . '),
    );
  });

  test('what helps one system and harms another one is not applied, and not told as proven', async () => {
    // On a Mac the system has to be passed; a Linux machine is right only as long as it is not.
    const text = `{ set }:
let
  pkgs = import set { };
  isMac = builtins.currentSystem == "x86_64-darwin";
  wanted = if isMac then "x86_64-linux" else builtins.currentSystem;
in
(import set { system = wanted; }).buildEnv { name = "root"; paths = [ pkgs.vim ]; }
`;
    await using workspace = await open({ 'default.nix': text });
    const args = ['--as', 'x86_64-darwin', '--as', 'aarch64-linux'];
    const alone = await run(workspace, 'check', ...args.slice(0, 2));
    assert.match(alone.stdout, /Pass `system = "x86_64-linux"` \(proven: /);
    const { exitCode, stdout } = await run(workspace, 'fix', ...args);
    assert.equal(exitCode, 1, stdout);
    assert.match(stdout, /^No repair is proven; 1 finding is left\.$/m);
    assert.match(stdout, /Pass `system = "x86_64-linux"` \(not proven: in the target, as aarch64-linux, /);
    assert.equal(await git(workspace.root, 'status', '--porcelain'), '');
  });
});

describe('the spelling of the build packages', () => {
  test('is chosen on the command line', async () => {
    await using workspace = await open();
    assert.equal((await run(workspace, 'fix', '--build-package-set', 'buildPackages')).exitCode, 0);
    assert.equal(
      textOf(workspace, 'lib.nix'),
      files['lib.nix'].replace('pkgs.vim', 'pkgs.buildPackages.vim'),
    );
    const wrong = await run(workspace, 'check', '--build-package-set', 'other');
    assert.equal(wrong.exitCode, 2);
  });
});

describe('what check says', () => {
  test('first what is wrong, then what repairs it', async () => {
    await using workspace = await open();
    const { stdout, exitCode } = await run(workspace, 'check');
    assert.equal(exitCode, 1);
    const heading = stdout.indexOf('\nRepairs\n');
    assert.ok(heading > stdout.lastIndexOf('\nerror: '), stdout);
    assert.doesNotMatch(stdout.slice(0, heading), /proven/);
    assert.match(
      stdout.slice(heading),
      /^ {2}lib\.nix:2:64 {2}pkgs\.vim\n {4}lib\.nix:2:68 {2}Use .*\(proven: /m,
    );
  });

  test('without time, no repair is proven, and the reason is told', async () => {
    await using workspace = await open();
    const { stdout } = await run(workspace, 'check', '--repairs-timeout', '0.001');
    assert.match(stdout, /\(not proven: there was no time left to evaluate it\)/);
    const { stderr, exitCode } = await run(workspace, 'fix', '--repairs-timeout', '0.001');
    assert.equal(exitCode, 1);
    assert.match(stderr, /--repairs-timeout gives them more/);
    assert.equal(await git(workspace.root, 'status', '--porcelain'), '');
  });

  test('on a terminal it says what it does, and takes that away', async () => {
    await using workspace = await open();
    const command = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
    const set = join(workspace.root, '..', 'set.nix');
    const line = `"${process.execPath}" "${command}" check -f default.nix --arg set "${set}"`;
    const { stdout } = await execa('script', ['-qec', line, '/dev/null'], {
      cwd: workspace.root,
      env: { TERM: 'xterm', NO_COLOR: '1' },
      reject: false,
    });
    assert.match(stdout, /evaluating…/);
    const status = 'checking 2 repairs…';
    const at = stdout.indexOf(status);
    assert.ok(at > stdout.lastIndexOf('error: '), stdout);
    assert.ok(stdout.slice(at + status.length).startsWith('\r\u001b[K'), JSON.stringify(stdout.slice(at)));
    assert.match(stdout.slice(at), /Repairs/);
  });
});
