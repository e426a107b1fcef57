import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Log, Result, Run } from 'sarif';
import { jsonReportSchema } from '../../server/src/output/jsonSchemas.ts';
import { runCommand, type CommandResult } from '../support/command.ts';
import { layOut } from '../support/graphviz.ts';
import { parseSarif } from '../support/sarifSchema.ts';
import { openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

const repository = join(import.meta.dirname, '..', '..');
const formats = ['text', 'json', 'sarif', 'github', 'markdown', 'dot', 'mermaid'] as const;

function runOf(log: Log): Run {
  const [run, ...others] = log.runs;
  assert.ok(run);
  assert.equal(others.length, 0);
  return run;
}

const placeOf = ({ locations }: Pick<Result, 'locations'>): unknown => {
  const place = locations?.[0]?.physicalLocation;
  return [place?.artifactLocation?.uri, place?.region?.startLine, place?.region?.startColumn];
};

describe('formats of the example', () => {
  let directory: string;
  let result: CommandResult;
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'npl-formats-'));
    const reports = formats.flatMap((format) => ['--report', `${format}=${join(directory, format)}`]);
    result = await runCommand(
      ['check', '-f', 'release.nix', '-A', 'build.x86_64-linux', '--as', 'x86_64-darwin', ...reports],
      join(repository, 'example'),
    );
  });
  after(() => rm(directory, { recursive: true }));

  test('one evaluation gives all of them, and the one asked for on standard output', async () => {
    assert.equal(result.exitCode, 1, result.stderr);
    assert.equal(`${result.stdout}\n`, await read('text'));
  });

  test('SARIF is valid, and one line of source gives one result', async () => {
    const run = runOf(parseSarif(await read('sarif')));
    const [found, ...others] = run.results ?? [];
    assert.ok(found);
    assert.equal(others.length, 0);
    assert.deepEqual(placeOf(found), ['example/release.nix', 19, 13]);
    assert.equal(found.level, 'error');
    assert.equal(run.tool.driver.rules?.[found.ruleIndex ?? -1]?.id, found.ruleId);
    assert.match(found.message.text ?? '', /nix-2\.18\.2 .*nix-perl-2\.18\.2/);
    const related = (found.relatedLocations ?? []).map(({ message }) => message?.text ?? '');
    for (const says of [
      /loses against the lexical binding/,
      /without `system`/,
      /brings it in as well/,
      /uses nix/,
    ])
      assert.ok(
        related.some((text) => says.test(text)),
        String(says),
      );
    assert.equal(run.invocations?.[0]?.executionSuccessful, true);
  });

  test('a proven repair of SARIF mends the file', async () => {
    const [found] = runOf(parseSarif(await read('sarif'))).results ?? [];
    const [fix] = found?.fixes ?? [];
    assert.ok(fix);
    assert.match(fix.description?.text ?? '', /proven: 22 → 0/);
    const [change] = fix.artifactChanges;
    assert.equal(change?.artifactLocation.uri, 'example/release.nix');
    assert.deepEqual(
      change.replacements.map(({ deletedRegion }) => deletedRegion.startLine),
      change.replacements.map(() => 16),
    );
    assert.ok(
      change.replacements.some(({ insertedContent }) => (insertedContent?.text ?? '').includes('pkgs')),
    );
  });

  test('an annotation stands at the line, on one line of output', async () => {
    const lines = (await read('github')).trimEnd().split('\n');
    assert.equal(lines.length, 2);
    assert.match(
      lines[0] ?? '',
      /^::error file=example\/release\.nix,line=19,endLine=19,col=13,endColumn=21,title=[^:,]+::/,
    );
    assert.match(lines[1] ?? '', /^✗ build-farm-1\.0/);
  });

  test('Markdown has a table, a part to unfold, and the repair as a difference', async () => {
    const text = await read('markdown');
    assert.match(text, /^\| `build-farm-1\.0` \| x86_64-darwin \| .* \| ❌ 2 leaks \|$/m);
    assert.equal(text.match(/<details>/g)?.length, 1);
    assert.match(text, /\[example\/release\.nix:19:13\]\(example\/release\.nix#L19\)/);
    assert.match(
      text,
      /^- {2}pkgs = import \.\/nixpkgs \{ \};\n\+ {2}pkgs = import \.\/nixpkgs \{ system = "x86_64-linux"; \};$/m,
    );
  });

  test('Graphviz draws the frontier, its crossing edges in red', async () => {
    const { objects, edges = [] } = await layOut(await read('dot'));
    assert.ok(objects.some(({ label }) => label?.startsWith('nix-perl-2.18.2') === true));
    assert.equal(edges.length, 4);
    assert.equal(edges.filter(({ color }) => color === '#cf222e').length, 3);
  });

  test('Mermaid has the same edges, the crossing ones with a style', async () => {
    const text = await read('mermaid');
    const edges = text.split('\n').filter((line) => line.includes('-->'));
    const red = edges.flatMap((line, index) => (line.includes('needs') ? index : []));
    assert.equal(red.length, 3);
    assert.ok(text.includes(`linkStyle ${red.join(',')} stroke`));
  });

  test('JSON has findings besides leaks', async () => {
    const report = jsonReportSchema.parse(JSON.parse(await read('json')));
    assert.equal(report.leaks.length, 2);
    assert.deepEqual(
      report.findings.map(({ leaks }) => [...leaks].sort()),
      [[0, 1]],
    );
  });
});

describe('formats of several evaluations', () => {
  const files = {
    'release.nix': `{
  leak = (import ../set.nix { system = "x86_64-linux"; }).buildEnv { name = "leak"; paths = [ (import ../set.nix { }).jq ]; };
}`,
    'broken.nix': '{\n  a = throw "a, b: 100% \\n ::error::no";\n}',
    '.nix-platform-lens.json': JSON.stringify({
      targets: [
        { file: 'release.nix', attribute: 'leak' },
        { file: 'broken.nix', attribute: 'a' },
      ],
      evaluateAs: ['x86_64-darwin', 'aarch64-darwin'],
    }),
  };
  let all: OpenWorkspace;
  let result: CommandResult;
  const read = (format: string): Promise<string> => readFile(join(all.root, format), 'utf8');
  before(async () => {
    all = await openWorkspace({ files });
    const reports = ['github', 'markdown', 'dot', 'mermaid'].flatMap((format) => [
      '--report',
      `${format}=${format}`,
    ]);
    const args = ['check', '--all', '--no-fixes', '--format', 'sarif', ...reports];
    result = await runCommand(args, all.root);
  });
  after(() => all[Symbol.asyncDispose]());

  test('SARIF tells of one place once, of what failed as a notification, and of the machine', () => {
    const { stdout, exitCode } = result;
    assert.equal(exitCode, 2);
    const run = runOf(parseSarif(stdout));
    const leaks = (run.results ?? []).filter(({ ruleId }) => ruleId !== 'system-dependence');
    assert.equal(leaks.length, 1);
    assert.match(leaks[0]?.message.text ?? '', /Seen in .*x86_64-darwin.*aarch64-darwin/);
    const [invocation] = run.invocations ?? [];
    assert.equal(invocation?.executionSuccessful, false);
    const failed = invocation.toolExecutionNotifications ?? [];
    assert.equal(failed.length, 2);
    assert.equal(failed[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri, 'broken.nix');
  });

  test('what a message holds ends no annotation', async () => {
    const text = await read('github');
    const failed = text.split('\n').filter((line) => line.startsWith('::error file=broken.nix'));
    assert.equal(failed.length, 2);
    assert.match(failed[0] ?? '', /100%25/);
    assert.doesNotMatch(text, /^::error::/m);
  });

  for (const format of ['markdown', 'dot', 'mermaid'] as const) {
    test(`${format} has a part for each closure`, async () => {
      const text = await read(format);
      assert.match(text, /x86.*darwin[^]*aarch64.*darwin/);
      if (format === 'dot')
        assert.equal((await layOut(text)).objects.filter(({ name }) => name.startsWith('cluster')).length, 2);
    });
  }

  test('a leak without an expression stands at the file of its target', async () => {
    await using workspace = await openWorkspace({
      files: {
        'default.nix': 'import ../hidden.nix',
        '../hidden.nix': files['release.nix'].replaceAll('../set', './set'),
      },
    });
    const { stdout } = await runCommand(
      ['check', '-f', 'default.nix', '-A', 'leak', '--as', 'x86_64-darwin', '--format', 'sarif'],
      workspace.root,
    );
    const [found] = runOf(parseSarif(stdout)).results ?? [];
    assert.ok(found);
    assert.deepEqual(placeOf(found), ['default.nix', 1, undefined]);
  });

  test('--output writes to a file; one that cannot be written is told', async () => {
    await using workspace = await openWorkspace({ files });
    const args = ['check', '-f', 'release.nix', '-A', 'leak', '--as', 'x86_64-linux', '--output'];
    const written = await runCommand([...args, 'out.txt'], workspace.root);
    assert.equal(written.exitCode, 0, written.stderr);
    assert.equal(written.stdout, '');
    assert.match(await readFile(join(workspace.root, 'out.txt'), 'utf8'), /^✓ leak/);
    const refused = await runCommand([...args, 'nowhere/out.txt'], workspace.root);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /^error: --output nowhere\/out\.txt: it could not be written/m);
    const unknown = await runCommand(['check', '--report', 'sarf=x'], workspace.root);
    assert.match(unknown.stderr, /sarif=lens\.sarif/);
  });
});
