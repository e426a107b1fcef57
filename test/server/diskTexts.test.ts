import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';

import { serverCommands, type StatusParams } from '../../server/src/protocol.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { Editor, textOf } from './support/editor.ts';
import { derivation } from './support/workspace.ts';

const settings = {
  targets: [
    { file: 'default.nix', attribute: 'app' },
    { file: 'default.nix', attribute: 'broken' },
  ],
  evaluateAs: 'x86_64-darwin',
};

/** One target with a leak, and one that fails. Where squiggles and lenses belong is said at the end of each line. */
const committed = `let
  tool = ${derivation('tool', 'builtins.currentSystem')}; # squiggle: tool
  system = "x86_64-linux";
in
{
  app = ${derivation('app', 'system', 'inputs = [ tool ];')}; # lens
  broken = ${derivation('broken', '{ }.system')}; # squiggle: attribute 'system' missing # lens
}
`;
/** The same on another branch: lines were added in several places. */
const branch = committed
  .replace('let\n', '# Of the other branch.\n# It has more lines.\nlet\n  more = 1;\n')
  .replace('  app', '  # The application.\n\n  app');
interface Seen {
  readonly squiggles: readonly string[];
  readonly lenses: readonly string[];
}

/** The lines of the document at which something is shown, less what they should say. */
async function misplaced(editor: Editor, file: string): Promise<Seen> {
  const squiggles = editor.diagnostics(file).flatMap((diagnostic) => {
    const line = editor.lineOf(file, diagnostic.range.start.line);
    const wanted = / # squiggle: ([^#]*)/.exec(line)?.[1]?.trim();
    return wanted !== undefined && textOf(diagnostic).includes(wanted)
      ? []
      : [`${textOf(diagnostic)} — stands at: ${line}`];
  });
  const lenses = (await editor.codeLenses(file)).flatMap(({ range, command }) => {
    const line = editor.lineOf(file, range.start.line);
    return line.includes('# lens') ? [] : [`${command?.title} — stands at: ${line}`];
  });
  return { squiggles, lenses };
}

const nothing: Seen = { squiggles: [], lenses: [] };

/** What the lens of the target that failed says. */
async function failureLens(editor: Editor, file: string): Promise<string | undefined> {
  const lenses = await editor.codeLenses(file);
  return lenses.map(({ command }) => command?.title ?? '').find((title) => title.includes('failed'));
}

function isSettled({ evaluations }: StatusParams): boolean {
  return evaluations.length === 2 && evaluations.every(({ state }) => state === 'done' || state === 'failed');
}

/** Both are evaluated, as the files are now, and both squiggles are there. */
async function evaluated(editor: Editor, file: string, since = 0): Promise<void> {
  await editor.status((status) => isSettled(status) && status.evaluations[0]?.stale === false, since);
  await editor.settled();
  await editor.until('Both squiggles', () => (editor.diagnostics(file).length === 2 ? true : undefined));
}

async function startOn(folder: NixFolder, more: object = {}): Promise<Editor> {
  return Editor.start({ root: folder.path, settings: { ...settings, ...more } });
}

/** Opens a file, and chooses both targets. */
async function openBoth(editor: Editor, file: string, unsaved?: string): Promise<void> {
  await editor.open(file, unsaved);
  const keys = await editor.soon('Both targets', async () => {
    const { targets } = await editor.targets({ known: true });
    return targets.length >= 2 ? targets.slice(0, 2).map(({ key }) => key) : undefined;
  });
  await editor.select({ keys });
}

/** Programs of Nix that do nothing while there is a file `hold`; the first of them writes `held`. */
function heldNix(folder: NixFolder): string {
  const real = dirname(
    execFileSync('sh', ['-c', 'readlink -f "$(command -v nix-instantiate)"'], { encoding: 'utf8' }).trim(),
  );
  for (const name of ['nix', 'nix-instantiate', 'nix-store', 'nix-build']) {
    const wait = `while [ -e '${folder.file('hold')}' ]; do : > '${folder.file('held')}'; sleep 0.05; done`;
    folder.write(
      `programs/${name}`,
      `#!/bin/sh\ncase "$*" in *--version*|*show-config*|*config*) ;; *) ${wait} ;; esac\nexec -a ${name} '${real}/nix' "$@"\n`.replace(
        '#!/bin/sh',
        '#!/bin/bash',
      ),
    );
    execFileSync('chmod', ['755', folder.file(`programs/${name}`)]);
  }
  return folder.file('programs');
}

describe('squiggles and lenses stand where they belong', () => {
  for (const [order, first] of [
    ['the editor reloads the buffer, and then tells of the change', 'reload'],
    ['the editor tells of the change, and then reloads the buffer', 'told'],
  ] as const) {
    test(`when a file is replaced on disk: ${order}`, async () => {
      using folder = new NixFolder({ 'default.nix': committed });
      const file = folder.file('default.nix');
      await using editor = await startOn(folder);
      await openBoth(editor, file);
      await evaluated(editor, file);
      assert.deepEqual(await misplaced(editor, file), nothing);

      for (const text of [branch, committed, branch]) {
        const seen = editor.statuses.length;
        await writeFile(file, text);
        if (first === 'told') await editor.changedOnDisk(file);
        await editor.rewrite(file, text);
        if (first === 'reload') await editor.changedOnDisk(file);
        await evaluated(editor, file, seen);
        assert.deepEqual(await misplaced(editor, file), nothing);
      }
    });
  }

  test('when a file is replaced on disk and nothing is evaluated yet', async () => {
    using folder = new NixFolder({ 'default.nix': committed });
    const file = folder.file('default.nix');
    await using editor = await startOn(folder, { 'evaluation.onSave': false });
    await openBoth(editor, file);
    await evaluated(editor, file);
    await writeFile(file, branch);
    const seen = editor.statuses.length;
    await editor.changedOnDisk(file);
    const told = await editor.status(({ stale }) => stale, seen);
    assert.deepEqual(
      told.evaluations.map(({ stale }) => stale),
      [true, false],
    );
    assert.equal(await failureLens(editor, file), 'evaluation failed · out of date · evaluate again');
    await editor.rewrite(file, branch);
    await editor.soon('Everything in its place', async () => {
      const { squiggles, lenses } = await misplaced(editor, file);
      return squiggles.length + lenses.length === 0 ? true : undefined;
    });
    assert.equal(editor.diagnostics(file).length, 2);

    // And back, as `git stash` and `git stash pop` do it: what was evaluated is what is there.
    const before = editor.statuses.length;
    await writeFile(file, committed);
    await editor.rewrite(file, committed);
    await editor.changedOnDisk(file);
    const back = await editor.status(({ stale }) => !stale, before);
    assert.deepEqual(
      back.evaluations.map(({ stale }) => stale),
      [false, false],
    );
    assert.equal(await failureLens(editor, file), 'evaluation failed · evaluate again');
    assert.deepEqual(await misplaced(editor, file), nothing);
  });

  test('when a file is opened with unsaved text', async () => {
    using folder = new NixFolder({ 'default.nix': committed });
    const file = folder.file('default.nix');
    await using editor = await startOn(folder);
    await openBoth(editor, file, `# typed before\n# the editor was closed\n\n${committed}`);
    await editor.status(isSettled);
    await editor.settled();
    await editor.until('Both squiggles', () => (editor.diagnostics(file).length === 2 ? true : undefined));
    assert.deepEqual(await misplaced(editor, file), nothing);
    assert.deepEqual(
      editor.statuses.at(-1)?.evaluations.map(({ stale }) => stale),
      [true, false],
    );
    assert.equal(await failureLens(editor, file), 'evaluation failed · out of date · evaluate again');
    const hints = await editor.inlayHints(file);
    assert.ok(hints.length > 0);
    assert.ok(hints.every(({ label }) => typeof label === 'string' && label.startsWith('~')));
    // As it was evaluated after all.
    const seen = editor.statuses.length;
    await editor.rewrite(file, committed);
    const status = await editor.status(({ stale }) => !stale, seen);
    assert.deepEqual(
      status.evaluations.map(({ stale }) => stale),
      [false, false],
    );
  });

  test('when the server is started again while a text is unsaved', async () => {
    using folder = new NixFolder({ 'default.nix': committed });
    const file = folder.file('default.nix');
    const typed = committed.replace('in\n', '\n\n\nin\n');
    for (let starts = 0; starts < 2; starts += 1) {
      await using editor = await Editor.start({
        root: folder.path,
        settings,
        initializationOptions: { trusted: true, storage: folder.file('.kept') },
      });
      await openBoth(editor, file, typed);
      await editor.status(isSettled);
      await editor.settled();
      await editor.until('Both squiggles', () => (editor.diagnostics(file).length === 2 ? true : undefined));
      assert.deepEqual(await misplaced(editor, file), nothing);
    }
  });

  for (const onSave of [true, false]) {
    test(`when a file changes while it is evaluated, ${onSave ? 'which begins anew' : 'which nothing begins anew'}`, async () => {
      using folder = new NixFolder({ 'default.nix': committed, hold: '' });
      const file = folder.file('default.nix');
      await using editor = await startOn(folder, {
        'evaluation.onSave': onSave,
        'nix.directory': heldNix(folder),
      });
      await openBoth(editor, file);
      await editor.untilQuiet('The wait for Nix', () => existsSync(folder.file('held')));
      await writeFile(file, branch);
      await editor.rewrite(file, branch);
      await editor.changedOnDisk(file);
      await rm(folder.file('hold'));
      await editor.status(isSettled);
      await editor.settled();
      await editor.until('Both squiggles', () => (editor.diagnostics(file).length === 2 ? true : undefined));
      assert.deepEqual(await misplaced(editor, file), nothing);
    });
  }

  test('when an editor without a file watcher reloads the buffer', async () => {
    using folder = new NixFolder({ 'default.nix': committed });
    const file = folder.file('default.nix');
    await using editor = await Editor.start({
      root: folder.path,
      capable: false,
      initializationOptions: { trusted: true, settings },
    });
    await openBoth(editor, file);
    await evaluated(editor, file);
    for (const text of [branch, committed]) {
      const seen = editor.statuses.length;
      await writeFile(file, text);
      await editor.rewrite(file, text);
      await evaluated(editor, file, seen);
      assert.deepEqual(await misplaced(editor, file), nothing);
    }
  });

  test('when an editor without a file watcher opens what was changed meanwhile', async () => {
    using folder = new NixFolder({ 'default.nix': committed, 'other.nix': '1' });
    const file = folder.file('default.nix');
    await using editor = await Editor.start({
      root: folder.path,
      capable: false,
      initializationOptions: { trusted: true, settings },
    });
    await openBoth(editor, file);
    await evaluated(editor, file);
    await editor.open(folder.file('other.nix'));
    await editor.close(file);
    await writeFile(file, branch);
    const seen = editor.statuses.length;
    await editor.open(file);
    await evaluated(editor, file, seen);
    assert.deepEqual(await misplaced(editor, file), nothing);
  });

  test('when a file is deleted and still open', async () => {
    using folder = new NixFolder({ 'default.nix': 'import ./part.nix', 'part.nix': committed });
    const part = folder.file('part.nix');
    await using editor = await startOn(folder);
    await openBoth(editor, part);
    await editor.status(isSettled);
    await editor.settled();
    await editor.until('Both squiggles', () => (editor.diagnostics(part).length === 2 ? true : undefined));
    assert.deepEqual(await misplaced(editor, part), nothing);

    await rm(part);
    const seen = editor.statuses.length;
    await editor.changedOnDisk(part);
    await editor.status(
      ({ state, evaluations }) => state === 'failed' && evaluations.every(({ state }) => state === 'failed'),
      seen,
    );
    await editor.settled();
    await editor.replace(part, 'let\n', '# typed\n\nlet\n');
    await editor.until('The squiggle of the leak', () =>
      editor.diagnostics(part).some(({ range }) => range.start.line === 3) ? true : undefined,
    );
    assert.deepEqual((await misplaced(editor, part)).squiggles, []);

    const before = editor.statuses.length;
    await writeFile(part, branch);
    await editor.changedOnDisk(part);
    await editor.status((status) => isSettled(status) && status.evaluations[0]?.state === 'done', before);
    await editor.settled();
    await editor.rewrite(part, branch);
    // Both have been there before, where they belonged then.
    await editor.soon('Both squiggles in their places', async () => {
      const { squiggles, lenses } = await misplaced(editor, part);
      return editor.diagnostics(part).length === 2 && squiggles.length + lenses.length === 0
        ? true
        : undefined;
    });
  });

  test('when what is on disk becomes no Nix', async () => {
    using folder = new NixFolder({ 'default.nix': committed });
    const file = folder.file('default.nix');
    await using editor = await startOn(folder);
    await openBoth(editor, file);
    await evaluated(editor, file);
    const broken = branch
      .replace('  more = 1;\n', '  more = ;# squiggle: syntax error\n')
      .replaceAll(/ # squiggle: (?:tool|attr)[^#\n]*/g, ' ');
    await writeFile(file, broken);
    const seen = editor.statuses.length;
    await editor.rewrite(file, broken);
    await editor.changedOnDisk(file);
    await editor.status(({ evaluations }) => evaluations.every(({ state }) => state === 'failed'), seen);
    await editor.settled();
    const errors = editor.diagnostics(file).filter((one) => textOf(one).includes('syntax error'));
    assert.ok(errors.length > 0);
    const { line } = editor.positionOf(file, '  more = ;');
    assert.deepEqual([...new Set(errors.map(({ range }) => range.start.line))], [line]);
    assert.deepEqual((await misplaced(editor, file)).lenses, []);

    // The text that is unsaved has it elsewhere.
    await editor.execute(serverCommands.evaluate);
    await editor.rewrite(file, `\n\n${broken}`);
    await editor.until('The error below', () =>
      editor.diagnostics(file).some((one) => one.range.start.line === line + 2) ? true : undefined,
    );
  });
});
