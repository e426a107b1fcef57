import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';

import { abilitiesOf } from '../../server/src/lsp/clientAbilities.ts';
import { Publisher } from '../../server/src/lsp/publisher.ts';
import type { Observation } from '../../server/src/model/observation.ts';
import { reduce } from '../../server/src/session/reduce.ts';
import { emptyState } from '../../server/src/session/state.ts';
import { findCompanions, unreachedFiles } from '../../server/src/snapshot/activeEvaluations.ts';
import { openDocument } from '../../server/src/snapshot/documents.ts';
import type { TargetEntry } from '../../server/src/snapshot/snapshot.ts';
import { noArguments } from '../../server/src/targets/search/found.ts';
import { hostileSnapshot } from '../support/hostileReport.ts';

/** An editor that starts opens hundreds of files; what that costs is counted, and not timed. */

const empty = emptyState({ trusted: true, clientCommands: false, workspaceRoots: ['/w'] });
const document = (file: string) => openDocument(`file://${file}`, file, 1, 'x');

test('which open files no target reaches is found without walking through its report for each of them', async () => {
  const count = 200;
  const files = Array.from({ length: 2 * count }, (_, n) => `/w/part-${n}.nix`);
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  let looks = 0;
  const observations = files.slice(0, count).map((file): Observation => ({
    get source() {
      looks += 1;
      return { file, range };
    },
    form: 'binding',
    text: 'x',
    derivations: [],
  }));
  const [known] = (await hostileSnapshot('x86_64-linux')).evaluations;
  assert.ok(known?.evaluated);
  const evaluated = { ...known.evaluated, report: { ...known.evaluated.report, observations } };
  const evaluations = [{ ...known, evaluated, isCompanion: false }];
  const targets = files.map((file): TargetEntry => ({
    key: file,
    get target() {
      looks += 1;
      return { kind: 'file', file, attribute: '', arguments: noArguments } as const;
    },
    label: file,
    description: '',
  }));
  const documents = new Map(files.map((file) => [file, document(file)]));
  const snapshot = { ...empty.snapshot, evaluations, targets, documents };
  assert.deepEqual(unreachedFiles(snapshot), files.slice(count));
  assert.deepEqual(
    findCompanions(snapshot).map(({ key }) => key),
    files.slice(count),
  );
  assert.ok(looks <= 10 * files.length, `${looks} looks`);
});

test('for files that are opened together, it is looked once for what else is to be evaluated', () => {
  const { actions } = reduce(empty, 'document-opened', { document: document('/w/a.nix') });
  const kinds = actions.map(({ kind }) => kind);
  // What waits for more of the same, and not what is done for each.
  assert.ok(kinds.includes('accompany-soon') && !kinds.includes('accompany'), kinds.join(' '));
});

test('a client is told once of all that comes while it is being told', async () => {
  const written = new PassThrough();
  const connection = createConnection(
    new StreamMessageReader(new PassThrough()),
    new StreamMessageWriter(written),
  );
  const publisher = new Publisher(connection, abilitiesOf({}), (message) => assert.fail(message));
  const names: string[] = [];
  const told = (name: string) => () => {
    names.push(name);
    return empty.snapshot;
  };
  publisher.publish(told('first'));
  for (let n = 0; n < 100; n++) publisher.publish(told('one of many'));
  await once(written, 'data');
  // What comes later waits for all that came before.
  await new Promise<void>((resolve) =>
    publisher.publish(() => {
      resolve();
      return empty.snapshot;
    }),
  );
  const many = names.filter((name) => name === 'one of many').length;
  assert.ok(many <= 2, `${many} times`);
  connection.dispose();
});
