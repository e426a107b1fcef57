import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { copyExample, exampleSettings, type ExampleWorkspace } from './support/exampleWorkspace.ts';
import { Editor, textOf, uriOf } from './support/editor.ts';

/** The example, opened in an editor with VS Code's abilities, on a real Nix. */
describe('the example in an editor', () => {
  let workspace: ExampleWorkspace;
  let editor: Editor;

  before(async () => {
    workspace = await copyExample();
    editor = await Editor.start({
      root: workspace.root,
      settings: exampleSettings,
      initializationOptions: { trusted: true, clientCommands: true },
    });
    await editor.open(workspace.release);
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  const hoverText = (text: string, into = 0): Promise<string> =>
    editor.hoverText(workspace.release, text, into);

  test('opening it evaluates the first target of the settings', async () => {
    const status = await editor.evaluated();
    assert.equal(status.state, 'done');
    assert.equal(status.target, 'release.nix · build.x86_64-linux as x86_64-darwin');
    assert.equal(status.evaluateAs, 'x86_64-darwin');
    assert.equal(status.stale, false);
    assert.deepEqual(status.summary, {
      rootName: 'build-farm-1.0',
      derivations: 37,
      edges: 85,
      foreign: 22,
      leaks: 2,
      errors: 2,
      bySystem: { 'x86_64-linux': 15, 'x86_64-darwin': 22 },
    });
    assert.equal(status.message, '37 derivations · 22 darwin-built through 2 inputs.');
  });

  test('both leaks are one diagnostic, at the expression that brings them in', async () => {
    const [diagnostic, ...others] = await editor.someDiagnostics(workspace.release);
    assert.deepEqual(others, []);
    assert.ok(diagnostic);
    assert.deepEqual(diagnostic.range, editor.rangeOf(workspace.release, 'pkgs.nix'));
    assert.equal(diagnostic.severity, 1);
    assert.equal(diagnostic.source, 'nix-platform-lens');
    assert.equal(diagnostic.code, 'host-platform');
    assert.match(
      textOf(diagnostic),
      /^`pkgs\.nix` is built for x86_64-darwin, but build-farm-1\.0 is built on and for x86_64-linux\. It brings 22 darwin-built derivations into the closure of build-farm-1\.0 \(2 inputs: nix-2\.18\.2, nix-perl-2\.18\.2\)\. `pkgs` is not the one of .*shadows/,
    );
  });

  test('its related information leads over the cause to the consumers', async () => {
    const [diagnostic] = await editor.someDiagnostics(workspace.release);
    const related = (diagnostic?.relatedInformation ?? []).map(({ location, message }) => {
      const { range } = location;
      return `${location.uri === uriOf(workspace.release) ? '' : 'elsewhere '}${range.start.line + 1}: ${message}`;
    });
    assert.ok(
      related.some((text) => text.startsWith('10: `pkgs` is bound here')),
      related.join('\n'),
    );
    assert.ok(
      related.some((text) => text.startsWith('16: this `with` has a `pkgs` too')),
      related.join('\n'),
    );
    assert.ok(
      related.some((text) => text.includes('uses nix-2.18.2 (buildInputs)')),
      related.join('\n'),
    );
    assert.ok(!related.some((text) => /^elsewhere .* as well$/.test(text)), related.join('\n'));
  });

  test('the hover of the origin says all that is known', async () => {
    const text = await hoverText('pkgs.nix;', 6);
    for (const part of [
      '⚠ **nix-2.18.2**',
      'nix-2.18.2 is built for x86_64-darwin, but build-farm-1.0 is built on and for x86_64-linux.',
      'Cause: `pkgs` is not the one of `with import ./nixpkgs { inherit system; }`',
      '- build platform: `x86_64-darwin`',
      '- host platform: `x86_64-darwin`',
      '⚠ `buildInputs` of `build-farm-1.0`',
      '- path: `build-farm-1.0` → `nix-2.18.2`',
      "a 'x86_64-darwin' with features {} is required to build",
      '- outputs: `out`',
      '-nix-2.18.2.drv`',
      '(command:nixPlatformLens.showClosure?',
    ]) {
      assert.ok(text.includes(part), `${part}\nis not in\n${text}`);
    }
  });

  test('the hover of what is right says so without alarm', async () => {
    const text = await hoverText('postgresql');
    assert.match(text, /^\*\*postgresql-/);
    assert.match(text, /- host platform: `x86_64-linux`/);
    assert.match(text, /- can be built on: this machine/);
    assert.doesNotMatch(text, /⚠|command:/);
  });

  test('the hover of a package set names its platforms', async () => {
    assert.match(
      await hoverText('pkgs.nix;', 1),
      /packages that are built on `x86_64-darwin` and run on `x86_64-darwin`, bound at release\.nix:10:10/,
    );
  });

  test('the hover of a binding’s name is that of its value', async () => {
    assert.match(await hoverText('perlDeps ='), /\*\*build-farm-perl-deps\*\*/);
  });

  test('there is no hover on what is no name', async () => {
    assert.equal(await hoverText('# The web service'), '');
    assert.equal(await hoverText('let'), '');
    assert.equal(await hoverText('"1.0"'), '');
  });

  test('every dependency has one hint, foreign ones marked', async () => {
    const hints = await editor.inlayHints(workspace.release);
    const rows = hints.map(({ position, label }) => `${position.line + 1} ${JSON.stringify(label)}`);
    assert.deepEqual(rows, [
      '19 "⚠ x86_64-darwin"',
      '24 "⚠ x86_64-darwin"',
      '25 "⚠ x86_64-darwin"',
      '26 "▸ x86_64-linux"',
      '27 "▸ x86_64-linux"',
      '28 "▸ x86_64-linux"',
      '30 "▸ x86_64-linux"',
      '37 "▸ x86_64-linux"',
      '38 "▸ x86_64-linux"',
      '41 "⚠ x86_64-darwin"',
      '42 "▸ x86_64-linux"',
      '43 "▸ x86_64-linux"',
      '44 "▸ x86_64-linux"',
      '46 "▸ x86_64-linux"',
    ]);
    const foreign = hints.filter(({ tooltip }) => tooltip !== undefined);
    assert.equal(foreign.length, 4);
  });

  test('hints keep to the range that was asked for', async () => {
    const range = { start: { line: 17, character: 0 }, end: { line: 20, character: 0 } };
    const hints = await editor.inlayHints(workspace.release, range);
    assert.deepEqual(
      hints.map(({ position }) => position.line),
      [18],
    );
  });

  test('lenses stand above the targets’ attribute', async () => {
    await editor.until('The lenses', () => (editor.refreshes > 0 ? true : undefined));
    const lenses = await editor.soon('The lenses', async () => {
      const found = await editor.codeLenses(workspace.release);
      return found.length > 0 ? found : undefined;
    });
    const line = editor.positionOf(workspace.release, 'build =').line;
    assert.deepEqual(
      lenses.map(({ range, command }) => [range.start.line, command?.title, command?.command]),
      [
        [
          line,
          '37 derivations · 22 darwin-built through 2 inputs · show closure',
          'nixPlatformLens.showClosure',
        ],
        [line, 'evaluate build.aarch64-linux', 'nixPlatformLens.evaluateAt'],
      ],
    );
  });

  test('the targets of the settings are offered, the active one marked', async () => {
    const { targets, evaluateAs, systems } = await editor.targets();
    assert.deepEqual(
      targets.slice(0, 3).map(({ label, active }) => [label, active]),
      [
        ['release.nix · build.x86_64-linux', true],
        ['release.nix · build.aarch64-linux', false],
        ['server.nix', false],
      ],
    );
    assert.deepEqual(evaluateAs, ['x86_64-darwin']);
    assert.ok(systems.includes('aarch64-darwin'));
  });

  test('the report is the command’s JSON', async () => {
    const report = await editor.report();
    assert.equal(report.version, 1);
    assert.equal(report.root.name, 'build-farm-1.0');
    assert.equal(report.leaks[0]?.bringsIn, 22);
    assert.equal(report.leaks[0].origins[0]?.file, 'release.nix');
  });

  test('progress was shown and has ended', async () => {
    await editor.until('The end', () => (editor.progress.at(-1) === 'end' ? true : undefined));
    assert.equal(editor.progress[0], 'begin');
    assert.equal(editor.progress.filter((kind) => kind === 'begin').length, 1);
  });

  test('the preferred quick-fix is proven; with it applied and saved, nothing is wrong', async () => {
    const [diagnostic] = await editor.someDiagnostics(workspace.release);
    assert.ok(diagnostic);
    const preferred = await editor.soon('A proven quick-fix', async () => {
      const actions = await editor.codeActions(workspace.release, diagnostic);
      return actions.find(({ isPreferred }) => isPreferred);
    });
    assert.match(preferred.title, /\(proven: 22 → 0 darwin-built, 2 derivations change\)$/);
    assert.equal(preferred.kind, 'quickfix');
    assert.equal(preferred.diagnostics?.length, 1);

    const seen = editor.statuses.length;
    await editor.apply(preferred);
    await editor.save(workspace.release);
    const status = await editor.evaluated(seen);
    assert.equal(status.summary?.leaks, 0);
    assert.equal(status.message, '28 derivations · no leaks.');
    await editor.until('The end of the problem', () =>
      editor.diagnostics(workspace.release).length === 0 ? true : undefined,
    );
    const hints = await editor.inlayHints(workspace.release);
    assert.ok(hints.length > 0 && hints.every(({ label }) => label === '▸ x86_64-linux'));
  });

  test('the log tells of the Nix and of each run', () => {
    const [nix, run] = editor.information;
    assert.match(nix ?? '', /^Nix \d+\.\d+\S* in \/.*\.$/);
    assert.match(
      run ?? '',
      /^release\.nix · build\.x86_64-linux as x86_64-darwin: 37 derivations, 2 leaks · instantiated \d+ ms, .* · probes: \d+ placed in \d+ files?, \d+ fired, level 0/,
    );
  });

  test('nothing went wrong inside', () => assert.deepEqual(editor.log, []));
});
