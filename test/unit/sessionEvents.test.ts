import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { noSuppressions } from '../../server/src/attribution/findSuppressions.ts';
import { reduce, type SessionEvents } from '../../server/src/session/reduce.ts';
import { emptyState, type Action, type SessionState } from '../../server/src/session/state.ts';
import { StateStore } from '../../server/src/session/stateStore.ts';
import { changeDocument, openDocument } from '../../server/src/snapshot/documents.ts';
import { defaultSettings } from '../../server/src/snapshot/settings.ts';
import {
  isCancelled,
  isFailureOld,
  isStale,
  runState,
  type Evaluation,
} from '../../server/src/snapshot/snapshot.ts';
import { hostileReport } from '../support/hostileReport.ts';

const file = '/w/default.nix';
const text = 'let\n  tool = 1;\nin tool\n';
const found = { ...(await hostileReport('x86_64-linux')), sources: new Map([[file, text]]) };

function evaluation(key: string, more: Partial<Evaluation> = {}): Evaluation {
  const entry = { key, target: found.request.target, label: key, description: '' };
  const nothing = { running: undefined, evaluated: undefined, failure: undefined, notice: undefined };
  return { key, entry, evaluateAs: undefined, isCompanion: false, ...nothing, ...more };
}

/** Sends one event after the other; what the last one asked for. */
class Table {
  state: SessionState = emptyState({ trusted: true, clientCommands: false, workspaceRoots: ['/w'] });
  actions: readonly Action[] = [];

  send<Kind extends keyof SessionEvents>(kind: Kind, event: SessionEvents[Kind]): this {
    const { state, actions } = reduce(this.state, kind, event);
    this.state = state;
    this.actions = actions;
    return this;
  }

  get kinds(): string[] {
    return this.actions.map(({ kind }) => kind);
  }

  stale(key: string): boolean {
    const one = this.state.snapshot.evaluations.find((other) => other.key === key);
    return one !== undefined && isStale(one, this.state.snapshot);
  }

  /** Configured, with these evaluations. */
  static of(...keys: readonly string[]): Table {
    return new Table().send('configured', { settings: defaultSettings }).send('evaluations-chosen', {
      evaluations: keys.map((key) => evaluation(key)),
      evaluateAs: [undefined],
    });
  }

  report(key: string): this {
    const { diskGeneration } = this.state.snapshot;
    const made = { found, suppressions: noSuppressions, madeAt: new Date(1), texts: new Map() };
    return this.send('report-found', { key, ...made, diskGeneration });
  }

  read(now: string | undefined, cause: SessionEvents['disk-read']['cause']): this {
    return this.send('disk-read', { texts: new Map([[file, now]]), cause });
  }
}

describe('what is on disk', () => {
  test('is read when a document is opened, edited and saved, and never taken from it', () => {
    const table = Table.of();
    const document = openDocument(`file://${file}`, file, 1, `# unsaved\n${text}`);
    const reads = (): unknown[] => table.actions.filter(({ kind }) => kind === 'read-disk');
    table.send('document-opened', { document });
    assert.deepEqual(reads(), [{ kind: 'read-disk', files: [file], cause: 'opened' }]);
    table.send('document-changed', changeDocument(document, 2, [{ text }]));
    assert.deepEqual(reads(), [{ kind: 'read-disk', files: [file], cause: 'edited' }]);
    table.send('document-saved', { file });
    assert.deepEqual(reads(), [{ kind: 'read-disk', files: [file], cause: 'saved' }]);
    assert.deepEqual([...table.state.snapshot.diskTexts], []);
    table.read(text, 'saved');
    assert.deepEqual([...table.state.snapshot.diskTexts], [[file, text]]);
  });

  test('makes a report stale where it is not what was evaluated, and no longer when it is again', () => {
    const table = Table.of('a').report('a');
    assert.equal(table.stale('a'), false);
    table.read(`# other\n${text}`, 'told');
    assert.equal(table.stale('a'), true);
    table.read(text, 'told');
    assert.equal(table.stale('a'), false);
    table.read(undefined, 'told');
    assert.equal(table.stale('a'), true);
  });

  test('is evaluated anew where it was not known: once, whoever tells of it first', () => {
    const table = Table.of('a').read(text, 'opened').report('a');
    const expected = ['invalidate-targets', 'evaluate-soon'];
    for (const [first, second] of [
      ['saved', 'told'],
      ['told', 'evaluated'],
      ['edited', 'told'],
    ] as const) {
      const now = `# ${first}\n${text}`;
      table.read(now, first);
      assert.deepEqual(table.kinds.slice(-2), expected, first);
      table.read(now, second);
      assert.deepEqual(table.kinds, [], `${second} after ${first}`);
    }
  });

  test('is evaluated anew once where the file is gone', () => {
    const table = Table.of('a').report('a').read(undefined, 'told');
    assert.ok(table.kinds.includes('evaluate-soon'));
    table.read(undefined, 'evaluated');
    assert.deepEqual(table.kinds, []);
  });

  test('is not evaluated anew for the run that read it, but for the others', () => {
    for (const [keys, isAgain] of [
      [['a'], false],
      [['a', 'b'], true],
    ] as const) {
      const table = Table.of(...keys);
      for (const key of keys) table.report(key);
      const texts = new Map([[file, `# other\n${text}`]]);
      table.send('disk-read', { texts, cause: 'evaluated', reader: 'a' });
      assert.equal(table.kinds.includes('evaluate-soon'), isAgain, keys.join(' '));
      assert.ok(keys.every((key) => table.stale(key)));
    }
  });

  test('is evaluated anew for one that failed with the older text', () => {
    const table = Table.of('a', 'b');
    const texts = new Map([[file, text]]);
    const { diskGeneration } = table.state.snapshot;
    table.read(text, 'evaluated');
    table.send('evaluation-failed', {
      key: 'b',
      errors: [{ message: 'it fails' }],
      texts,
      diskGeneration,
      nixUnavailable: false,
    });
    const now = new Map([[file, `# mended\n${text}`]]);
    table.send('disk-read', { texts: now, cause: 'evaluated', reader: 'a' });
    assert.ok(table.kinds.includes('evaluate-soon'));
  });

  test('of a file that no report has makes all of them stale', () => {
    const table = Table.of('a', 'b').report('a').report('b');
    table.send('disk-read', { texts: new Map([['/w/new.nix', '1']]), cause: 'told' });
    assert.deepEqual([table.stale('a'), table.stale('b')], [true, true]);
    table.report('a');
    assert.deepEqual([table.stale('a'), table.stale('b')], [false, true]);
  });

  test('is kept as a text of open and of evaluated files only', () => {
    const table = Table.of('a').report('a');
    const known = (path: string): unknown => table.state.snapshot.diskTexts.get(path);
    const tell = (path: string, now: string | undefined): readonly string[] =>
      table.send('disk-read', { texts: new Map([[path, now]]), cause: 'told' }).kinds;
    const other = '/w/other.nix';
    assert.ok(tell(other, 'other').includes('evaluate-soon'));
    assert.notEqual(typeof known(other), 'string');
    // It is recognised all the same.
    assert.deepEqual(tell(other, 'other'), []);
    assert.ok(tell(other, 'third').includes('evaluate-soon'));
    assert.ok(tell(other, 'fifth').includes('evaluate-soon'));
    assert.deepEqual(tell(other, 'fifth'), []);
    assert.ok(tell(other, undefined).includes('evaluate-soon'));
    assert.ok(!table.state.snapshot.diskTexts.has(other));

    tell(file, text.replace('1', '2'));
    assert.equal(table.stale('a'), true);
    assert.notEqual(typeof known(file), 'string');
    tell(file, text);
    assert.equal(known(file), text);

    table.send('document-opened', { document: openDocument(`file://${other}`, other, 1, 'typed') });
    tell(other, 'on disk');
    assert.equal(known(other), 'on disk');
  });

  test('is not evaluated where the settings forbid it', () => {
    const table = Table.of('a').report('a');
    table.send('configured', { settings: { ...defaultSettings, 'evaluation.onSave': false } });
    table.read(`# other\n${text}`, 'saved');
    assert.ok(!table.kinds.includes('evaluate-soon'));
    assert.equal(table.stale('a'), true);
  });

  test('is where errors of an evaluation stand, also in a document with unsaved text', () => {
    const table = Table.of('a');
    const document = openDocument(`file://${file}`, file, 1, `# unsaved\n\n${text}`);
    table.send('document-opened', { document });
    const range = { start: { line: 1, character: 2 }, end: { line: 1, character: 6 } };
    table.send('evaluation-failed', {
      key: 'a',
      errors: [{ message: 'it is broken', source: { file, range } }],
      texts: new Map([[file, text]]),
      diskGeneration: 0,
      nixUnavailable: false,
    });
    const [failed] = table.state.snapshot.evaluations;
    assert.equal(failed?.failure?.ranges.locate({ file, range })?.start.line, 3);
    const isOld = (): boolean | undefined => {
      const failure = table.state.snapshot.evaluations[0]?.failure;
      return failure && isFailureOld(failure, table.state.snapshot);
    };
    assert.equal(isOld(), true);
    table.send('document-changed', changeDocument(document, 2, [{ text }]));
    assert.equal(isOld(), false);
    table.read(`# other\n${text}`, 'told');
    assert.equal(isOld(), true);
    table.read(text, 'told');
    assert.equal(isOld(), false);
  });
});

describe('reports of evaluations that become active again', () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const choose = (table: Table, ...chosen: readonly string[]): Table =>
    table.send('evaluations-chosen', {
      evaluations: chosen.map((key) => evaluation(key)),
      evaluateAs: [undefined],
    });
  const reports = ({ state }: Table): boolean[] =>
    state.snapshot.evaluations.map(({ evaluated }) => evaluated !== undefined && !evaluated.asOf);

  test('are all there in one step', () => {
    const table = Table.of(...keys);
    for (const key of keys) table.report(key);
    const before = choose(table).state.snapshot.reportsId;
    choose(table, ...keys);
    assert.deepEqual(
      reports(table),
      keys.map(() => true),
    );
    assert.equal(table.state.snapshot.reportsId, before + 1);
    assert.deepEqual(table.kinds, []);
  });

  test('bear their time where a file has changed meanwhile', () => {
    const table = choose(Table.of('a').report('a'));
    table.read(`# other\n${text}`, 'told');
    choose(table, 'a');
    assert.deepEqual(reports(table), [false]);
    assert.deepEqual(table.state.snapshot.evaluations[0]?.evaluated?.asOf, new Date(1));
  });

  test('are asked of the storage once, and only in a trusted workspace', () => {
    const table = Table.of('a', 'b');
    assert.deepEqual(table.kinds, ['read-kept-report', 'read-kept-report']);
    choose(choose(table), 'a', 'b');
    assert.deepEqual(table.kinds, []);
    const untrusted = new Table();
    untrusted.state = emptyState({ trusted: false, clientCommands: false, workspaceRoots: [] });
    untrusted.send('configured', { settings: defaultSettings });
    assert.deepEqual(choose(untrusted, 'a').kinds, []);
    assert.ok(untrusted.send('trusted', {}).kinds.includes('read-kept-report'));
  });

  test('do not replace what was evaluated meanwhile', () => {
    const table = Table.of('a').report('a');
    const kept = { key: 'a', report: found, madeAt: new Date(0) };
    table.send('kept-report-read', { kept, suppressions: noSuppressions, diskGeneration: undefined });
    assert.deepEqual(reports(table), [true]);
  });
});

test('each two reports of one target are compared once', () => {
  const table = new Table().send('configured', { settings: defaultSettings });
  const { entry } = evaluation('a');
  table.send('evaluations-chosen', {
    evaluations: ['x86_64-linux', 'x86_64-darwin'].map((system) =>
      evaluation(system, { entry, evaluateAs: system }),
    ),
    evaluateAs: ['x86_64-linux', 'x86_64-darwin'],
  });
  table.report('x86_64-linux');
  assert.ok(!table.kinds.includes('compare-systems'));
  table.report('x86_64-darwin');
  const [comparison] = table.actions.filter((action) => action.kind === 'compare-systems');
  assert.deepEqual(comparison?.ids, [2, 1]);
  table.send('systems-compared', { ids: [2, 1], dependence: undefined });
  assert.deepEqual(table.kinds, []);
  assert.deepEqual(table.state.snapshot.systemComparisons, [{ ids: [2, 1], dependence: undefined }]);
  table.report('x86_64-darwin');
  table.send('systems-compared', { ids: [3, 1], dependence: undefined });
  assert.deepEqual(
    table.state.snapshot.systemComparisons.map(({ ids }) => ids),
    [[3, 1]],
  );
});

describe('the loop', () => {
  const state = emptyState({ trusted: true, clientCommands: false, workspaceRoots: ['/w'] });

  test('tells listeners once, when all that an event asks for is done', () => {
    const store: StateStore = new StateStore(state, (action) => {
      if (action.kind === 'evaluate-unless-known') store.send('preparation-started', {});
      if (action.kind === 'list-targets' || action.kind === 'activate-targets')
        store.send('evaluations-chosen', { evaluations: [evaluation('a')], evaluateAs: [undefined] });
    });
    const told: string[][] = [];
    store.onChange((aspects) => {
      told.push([...aspects].sort());
      assert.equal(store.snapshot.evaluations.length, 1);
      assert.ok(store.snapshot.preparing);
    });
    store.send('configured', { settings: defaultSettings });
    assert.deepEqual(told, [['evaluation', 'run', 'settings', 'targets']]);
  });

  test('refuses an event that a listener sends, and goes on', () => {
    const store = new StateStore(state, () => undefined);
    store.onChange(() => store.send('preparation-started', {}));
    const allow = (): void => store.send('paths-allowed', { allowedPaths: ['/elsewhere'] });
    assert.throws(allow, /may not change/);
    assert.equal(store.snapshot.preparing, undefined);
    assert.deepEqual(store.snapshot.allowedPaths, ['/elsewhere']);
    assert.throws(allow, /may not change/, 'it goes on');
  });
});

test('a download and a search for targets do not end each other', () => {
  const table = Table.of();
  table.send('fetch-started', {}).send('preparation-started', {});
  table.send('preparation-ended', { notice: { message: 'nothing was found' } });
  assert.equal(runState(table.state.snapshot), 'running');
  table.send('fetch-ended', {});
  assert.notEqual(runState(table.state.snapshot), 'running');
  // Who cancels a download has cancelled no evaluation.
  table.send('fetch-started', {}).send('fetch-ended', {});
  assert.equal(isCancelled(table.state.snapshot), false);
});
