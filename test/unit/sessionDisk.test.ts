import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NixConnection } from '../../server/src/session/parts.ts';
import { Session } from '../../server/src/session/session.ts';
import { uriOfFile } from '../../server/src/snapshot/documents.ts';
import { defaultSettings } from '../../server/src/snapshot/settings.ts';
import { noArguments } from '../../server/src/targets/search/found.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { until } from '../support/nixProcesses.ts';
import { testParser } from '../support/parser.ts';

const text = '{\n  app = missing;\n}\n';
/** Where `missing` stands in {@link text}, counted from 0. */
const line = 1;

/** A session whose evaluations fail at `missing`, wherever that stands; its target is `a.nix`. */
function open(folder: NixFolder, run: () => { readonly line: number }): Session {
  const file = folder.file('a.nix');
  const nix: NixConnection = {
    evaluator: {
      run: () => {
        const at = run().line;
        const range = { start: { line: at, character: 8 }, end: { line: at, character: 15 } };
        const errors = [{ message: "undefined variable 'missing'", source: { file, range } }];
        return Promise.resolve({ kind: 'failed', errors });
      },
      fetch: () => Promise.resolve([]),
    },
    findTargets: () =>
      Promise.resolve([
        {
          target: { kind: 'file', file, attribute: 'app', arguments: noArguments },
          label: 'app',
          description: '',
        },
      ]),
    listGroup: () => Promise.resolve([]),
    fetchInputs: () => Promise.resolve(),
    placeOf: () => Promise.resolve(undefined),
    proposeFixes: () => Promise.resolve([]),
    proveFixes: () => Promise.resolve(new Map()),
    compareSystems: () => Promise.resolve(undefined),
    readBuildConfiguration: () => Promise.reject(new Error('nobody asks')),
    isUnavailable: () => false,
    found: () => undefined,
  };
  const session = new Session(
    { connectNix: () => nix, loadParser: testParser, logError: (message) => assert.fail(message) },
    { trusted: true, clientCommands: false, workspaceRoots: [folder.path] },
  );
  session.configure({ ...defaultSettings, 'evaluation.onSave': false });
  return session;
}

/** The line of the document at which the failure is shown. */
function shownAt({ snapshot }: Session): number | undefined {
  const failure = snapshot.evaluations[0]?.failure;
  const source = failure?.errors[0]?.source;
  return source && failure.ranges.locate(source)?.start.line;
}

test('what fails while its files change is evaluated again, and stands where the newer text has it', async () => {
  using folder = new NixFolder({ 'a.nix': text });
  let runs = 0;
  const session = open(folder, () => {
    runs += 1;
    if (runs === 1) folder.write('a.nix', `# more\n\n${text}`);
    return { line: line + 2 };
  });
  session.open(uriOfFile(folder.file('a.nix')), 1, text);
  session.evaluate();
  await until('it fails', () => session.snapshot.evaluations[0]?.failure !== undefined);
  assert.equal(runs, 2);
  // The document is not reloaded yet.
  assert.equal(shownAt(session), line);
  session.change(uriOfFile(folder.file('a.nix')), 2, [{ text: `# more\n\n${text}` }]);
  assert.equal(shownAt(session), line + 2);
  await session.dispose();
});

test('what changes in every run is told all the same', async () => {
  using folder = new NixFolder({ 'a.nix': text });
  let runs = 0;
  const session = open(folder, () => {
    runs += 1;
    folder.write('a.nix', `# ${runs}\n${text}`);
    return { line: line + 1 };
  });
  session.open(uriOfFile(folder.file('a.nix')), 1, text);
  session.evaluate();
  await until('it fails', () => session.snapshot.evaluations[0]?.failure !== undefined);
  assert.equal(runs, 3);
  assert.equal(shownAt(session), line);
  await session.dispose();
});
