import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseBaseline } from '../../server/src/output/baseline.ts';
import { runCommand } from '../support/command.ts';
import { parseSarif } from '../support/sarifSchema.ts';
import { openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

const release = `{
  app = (import ../set.nix { system = "x86_64-linux"; }).buildEnv {
    name = "app";
    paths = [ (import ../set.nix { }).jq ];
  };
}`;

const withVim = release.replace('.jq ]', '.jq (import ../set.nix { }).vim ]');

const open = (): Promise<OpenWorkspace> =>
  openWorkspace({ files: { 'release.nix': release, 'broken.nix': '{ app = throw "no"; }' } });

const check = ({ root }: OpenWorkspace, ...args: string[]) =>
  runCommand(['check', '-f', 'release.nix', '-A', 'app', '--no-fixes', ...args], root);
const mac = ['--as', 'aarch64-darwin'];
const known = ['--baseline', 'known.json'];
const write = ['--write-baseline', 'known.json'];

describe('a baseline', () => {
  test('known leaks are counted, and new ones fail', async () => {
    await using workspace = await open();
    const written = await check(workspace, ...mac, ...write);
    assert.equal(written.exitCode, 0, written.stderr);
    assert.match(written.stderr, /known\.json: 1 known leak/);

    const clean = await check(workspace, ...mac, ...known);
    assert.equal(clean.exitCode, 0);
    assert.match(clean.stdout, /^✓ app, .*: no new leak \(the baseline knows 1\)$/m);

    await writeFile(join(workspace.root, 'release.nix'), withVim);
    const { exitCode, stdout } = await check(workspace, ...mac, ...known);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^error: vim is built/m);
    assert.doesNotMatch(stdout, /^error: jq/m);
    assert.match(stdout, /: 1 leak \(the baseline knows 1\)$/m);
  });

  test('it holds as another system, and where lines have moved', async () => {
    await using workspace = await open();
    await check(workspace, ...mac, ...write);
    await writeFile(join(workspace.root, 'release.nix'), `# moved\n\n${release}`);
    const { exitCode, stdout } = await check(workspace, '--as', 'x86_64-darwin', ...known);
    assert.equal(exitCode, 0, stdout);
  });

  test('entries that are gone are told, and go when it is written anew', async () => {
    await using workspace = await open();
    await writeFile(join(workspace.root, 'release.nix'), withVim);
    await check(workspace, ...mac, ...write);
    await writeFile(join(workspace.root, 'release.nix'), release);
    const { exitCode, stderr } = await check(workspace, ...mac, ...known);
    assert.equal(exitCode, 0);
    assert.match(stderr, /1 entry of the baseline is gone; --write-baseline/);
    await check(workspace, ...mac, ...known, ...write);
    const text = await readFile(join(workspace.root, 'known.json'), 'utf8');
    assert.deepEqual(
      [...parseBaseline(text)].map(([fingerprint, entry]) => [
        entry.hash === fingerprint,
        { ...entry, hash: '' },
      ]),
      [
        [
          true,
          {
            rule: 'plain-reference',
            file: 'release.nix',
            within: 'app.paths',
            text: '(import ../set.nix { }).jq',
            input: 'jq',
            hash: '',
          },
        ],
      ],
    );
  });

  test('what is written is sorted: the same leaks give the same text', async () => {
    await using workspace = await open();
    await writeFile(join(workspace.root, 'release.nix'), withVim);
    await check(workspace, ...mac, ...write);
    const first = await readFile(join(workspace.root, 'known.json'), 'utf8');
    await check(workspace, '--as', 'x86_64-darwin', ...write);
    assert.equal(await readFile(join(workspace.root, 'known.json'), 'utf8'), first);
  });

  test('SARIF and JSON name the same fingerprints, and SARIF says which are known', async () => {
    await using workspace = await open();
    await check(workspace, ...mac, ...write);
    await writeFile(join(workspace.root, 'release.nix'), withVim);
    const { stdout } = await check(workspace, ...mac, ...known, '--format', 'sarif');
    const states = new Map(
      parseSarif(stdout).runs[0]?.results?.map((one) => [
        Object.values(one.partialFingerprints ?? {})[0],
        one.baselineState,
      ]),
    );
    const text = await readFile(join(workspace.root, 'known.json'), 'utf8');
    const [fingerprint] = parseBaseline(text).keys();
    assert.deepEqual([...states.values()].sort(), ['new', 'unchanged']);
    assert.equal(states.get(fingerprint), 'unchanged');
  });

  test('what could not be evaluated writes none, and makes nothing look gone', async () => {
    await using workspace = await open();
    await check(workspace, ...mac, ...write);
    const broken = (...args: string[]) =>
      runCommand(['check', '-f', 'broken.nix', '-A', 'app', ...args], workspace.root);
    const refused = await broken('--write-baseline', 'other.json');
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /nothing was written/);
    await assert.rejects(readFile(join(workspace.root, 'other.json')));
    assert.doesNotMatch((await broken(...known)).stderr, /gone/);
  });

  for (const [name, text, says] of [
    ['missing', undefined, /--baseline known\.json: there is no such file.*--write-baseline known\.json/],
    ['no JSON', '{', /it is no baseline/],
    ['another document', '{"version":1,"leaks":[{"fingerprint":"../x"}]}', /leaks\.0\./],
  ] as const) {
    test(`one that is ${name} is refused before anything is evaluated`, async () => {
      await using workspace = await open();
      if (text !== undefined) await writeFile(join(workspace.root, 'known.json'), text);
      const { exitCode, stdout, stderr } = await check(workspace, ...mac, ...known);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, says);
    });
  }
});
