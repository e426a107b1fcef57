import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { noSuppressions } from '../../server/src/attribution/findSuppressions.ts';
import { applyPolicy, levelOf, policeInSteps, type PolicedReport } from '../../server/src/check/policy.ts';
import type { AttributedLeak, Report } from '../../server/src/model/report.ts';
import { ruleTable } from '../../server/src/check/ruleTable.ts';
import { findUnusedSuppressions } from '../../server/src/check/unusedSuppressions.ts';
import type { RuleId, RuleLevels } from '../../server/src/model/judgement.ts';
import { atOnce } from '../../server/src/model/slices.ts';
import type { SourceRange } from '../../server/src/model/location.ts';
import type { SourceSuppressions, Suppression } from '../../server/src/model/suppression.ts';
import { judge } from '../support/closure.ts';

const file = '/w/a.nix';
const darwin = { system: 'x86_64-darwin', env: { stdenv: '/none' } };

/** `nix` is a build input of `app` and a plain reference of `deps`; `src` has fixed content. */
const closure = judge((store) => {
  const nix = store.add({ name: 'nix', ...darwin });
  const src = store.add({ name: 'src', system: 'x86_64-darwin', outputHash: ['sha256', '00'] });
  const deps = store.add({ name: 'deps', inputs: [nix] });
  return store.add({ name: 'app', env: { buildInputs: nix.out() }, inputs: [nix, deps, src] });
});

async function report(more: Partial<Report> = {}): Promise<Report> {
  const { graph, judgement } = await closure;
  const leaks = judgement.leaks.map((leak, cause): AttributedLeak => ({
    ...leak,
    origins: [],
    cause,
    bringsIn: 0,
  }));
  return {
    request: { target: { kind: 'derivation', drvPath: '/x.drv' } },
    evaluatedAs: 'x86_64-linux',
    graph,
    judgement,
    leaks,
    causes: leaks.map(() => ({})),
    observations: [],
    probes: { placed: 1, fired: 1, files: 1, level: 0 },
    timings: new Map(),
    sources: new Map([[file, 'text']]),
    filesRead: [file],
    ...more,
  };
}

/** Each leak as `severity rule name: roles`. */
function rows({ graph }: Report, leaks: readonly AttributedLeak[]): string[] {
  return leaks.map(
    ({ severity, rule, input, edges }) =>
      `${severity} ${rule} ${graph.derivation(input).name}: ${edges.flatMap(({ roles }) => roles).join(', ')}`,
  );
}

const place = (line: number): SourceRange => ({
  file,
  range: { start: { line, character: 0 }, end: { line, character: 9 } },
});

function suppression(line: number, ...rules: RuleId[]): Suppression {
  return {
    source: place(line),
    rules,
    reason: 'so',
    line: line + 1,
    named: place(line),
    removal: place(line),
  };
}

/** Suppressions at the place of `nix`, and others at places where nothing is. */
async function suppressions(here: Suppression[], elsewhere: Suppression[] = []): Promise<SourceSuppressions> {
  const { graph, judgement } = await closure;
  const nix = judgement.leaks.find(({ input }) => graph.derivation(input).name === 'nix');
  assert.ok(nix);
  return { ...noSuppressions, all: [...here, ...elsewhere], byLeak: new Map([[nix.input, here]]) };
}

async function police(levels: RuleLevels, read = noSuppressions): Promise<PolicedReport> {
  return applyPolicy(await report(), levels, read);
}

describe('the level of a rule', () => {
  test('replaces errors and warnings, and leaves notes of a graver rule alone', () => {
    const level = (severity: 'error' | 'warning' | 'info', rule: RuleId, levels: RuleLevels): string =>
      levelOf({ severity, rule }, levels);
    assert.equal(level('warning', 'build-script', { 'build-script': 'error' }), 'error');
    assert.equal(level('warning', 'host-platform', { 'host-platform': 'error' }), 'error');
    assert.equal(level('error', 'host-platform', { 'host-platform': 'warning' }), 'warning');
    assert.equal(level('error', 'host-platform', { 'host-platform': 'info' }), 'info');
    assert.equal(level('info', 'build-platform', { 'build-platform': 'error' }), 'info');
    assert.equal(level('info', 'emulation', { emulation: 'error' }), 'error');
    assert.equal(level('info', 'build-platform', { 'build-platform': 'off' }), 'off');
    assert.equal(level('error', 'host-platform', { 'build-platform': 'off' }), 'error');
  });

  test('nothing set changes nothing', async () => {
    const raw = await report();
    const { leaks, suppressed } = await police({});
    assert.deepEqual(leaks, raw.leaks);
    assert.deepEqual(suppressed, []);
    assert.deepEqual(rows(raw, raw.leaks), [
      'error host-platform nix: buildInputs, reference',
      'info fixed-output src: reference',
    ]);
  });

  test('a rule that is off takes its edges out, and what is left is judged by itself', async () => {
    const policed = await police({ 'host-platform': 'off' });
    assert.deepEqual(rows(policed, policed.leaks), [
      'error plain-reference nix: reference',
      'info fixed-output src: reference',
    ]);
    const names = policed.leaks[0]?.path.map((id) => policed.graph.derivation(id).name);
    assert.ok(names);
    const all = await police({ 'host-platform': 'off', 'plain-reference': 'off', 'fixed-output': 'off' });
    assert.deepEqual(all.leaks, []);
  });

  test('the worst is named, and the worst leak comes first', async () => {
    const policed = await police({
      'host-platform': 'info',
      'plain-reference': 'warning',
      'fixed-output': 'error',
    });
    assert.deepEqual(rows(policed, policed.leaks), [
      'error fixed-output src: reference',
      'warning plain-reference nix: buildInputs, reference',
    ]);
  });

  test('the judgement of the run stays', async () => {
    const raw = await report();
    const before = JSON.stringify(raw.leaks);
    applyPolicy(raw, { 'host-platform': 'off', 'fixed-output': 'error' }, noSuppressions);
    assert.equal(JSON.stringify(raw.leaks), before);
  });

  test('every rule has a level by default', () => {
    for (const { severity } of Object.values(ruleTable)) assert.match(severity, /^(error|warning|info)$/);
  });
});

describe('a suppression', () => {
  test('allows what it names, and no other rule', async () => {
    const policed = await police({}, await suppressions([suppression(0, 'host-platform')]));
    assert.deepEqual(rows(policed, policed.leaks), [
      'error plain-reference nix: reference',
      'info fixed-output src: reference',
    ]);
    assert.deepEqual(
      rows(
        policed,
        policed.suppressed.map(({ leak }) => leak),
      ),
      ['error host-platform nix: buildInputs'],
    );
    const [left] = policed.leaks;
    const names = left?.path.map((id) => policed.graph.derivation(id).name);
    assert.deepEqual(names, ['app', 'deps', 'nix'], 'the path is that of what is left');
  });

  test('of all its rules hides the leak, and is told of', async () => {
    const both = suppression(0, 'host-platform', 'plain-reference');
    const policed = await police({}, await suppressions([both]));
    assert.deepEqual(rows(policed, policed.leaks), ['info fixed-output src: reference']);
    assert.deepEqual(
      policed.suppressed.map(({ suppressions: used }) => used),
      [[both]],
    );
    assert.deepEqual(findUnusedSuppressions([policed]), []);
  });
});

describe('an unused suppression', () => {
  const unused = async (
    read: Promise<SourceSuppressions>,
    levels: RuleLevels = {},
    more: Partial<Report> = {},
  ): Promise<PolicedReport> => applyPolicy(await report(more), levels, await read);
  const messages = (...reports: PolicedReport[]): string[] =>
    findUnusedSuppressions(reports).map(
      ({ severity, source, message }) => `${severity} ${source.range.start.line} ${message}`,
    );

  test('is told, with what removes it', async () => {
    const one = await unused(suppressions([suppression(0, 'host-platform')], [suppression(5, 'no-builder')]));
    assert.deepEqual(messages(one), [
      'warning 5 This suppression is not needed: `no-builder` finds nothing that starts in line 7.',
    ]);
    const [finding] = findUnusedSuppressions([one]);
    assert.deepEqual(finding?.edits, [{ ...place(5), title: 'Remove the suppression', newText: '' }]);
  });

  test('in part keeps the rest', async () => {
    const one = await unused(suppressions([suppression(0, 'host-platform', 'no-builder', 'emulation')]));
    assert.deepEqual(messages(one), [
      'warning 0 `no-builder` and `emulation` find nothing that starts in line 2, and need not be allowed.',
    ]);
    assert.equal(findUnusedSuppressions([one])[0]?.edits[0]?.newText, 'host-platform');
  });

  test('is one only where no evaluation needs it', async () => {
    const comment = suppression(0, 'host-platform');
    const needs = await unused(suppressions([comment]));
    const needsNot = await unused(suppressions([], [comment]));
    assert.equal(messages(needsNot).length, 1);
    assert.deepEqual(messages(needs, needsNot), []);
    assert.deepEqual(messages(needsNot, needs), []);
  });

  for (const [name, levels, more] of [
    ['its rule is off', { 'host-platform': 'off' }, {}],
    ['nobody wants to know', { 'unused-suppression': 'off' }, {}],
    ['its file was not read', {}, { filesRead: [] }],
    ['it is not known what was read', {}, { filesRead: undefined }],
    ['not all could be observed', {}, { probes: { placed: 1, fired: 1, files: 1, level: 1 } }],
  ] as const) {
    test(`is none where ${name}`, async () => {
      const { filesRead, ...rest } = await report();
      const read = await suppressions([], [suppression(0, 'host-platform')]);
      const given = {
        ...rest,
        ...('filesRead' in more ? {} : { filesRead: filesRead ?? [] }),
        ...clean(more),
      };
      assert.deepEqual(messages(applyPolicy(given, levels, read)), []);
    });
  }

  test('is none where evaluations saw other texts', async () => {
    const read = suppressions([], [suppression(0, 'host-platform')]);
    const one = await unused(read);
    const other = await unused(read, {}, { sources: new Map([[file, 'another']]) });
    assert.deepEqual(messages(one, other), []);
  });

  test('is as grave as its rule is set', async () => {
    const read = suppressions([], [suppression(0, 'host-platform')]);
    assert.match(messages(await unused(read, { 'unused-suppression': 'error' }))[0] ?? '', /^error/);
    assert.match(messages(await unused(read, { 'unused-suppression': 'info' }))[0] ?? '', /^info/);
  });

  test('may say itself that it is not always needed', async () => {
    const read = suppressions([], [suppression(0, 'host-platform', 'unused-suppression')]);
    assert.deepEqual(messages(await unused(read)), []);
    const alone = suppressions([], [suppression(0, 'unused-suppression')]);
    assert.equal(messages(await unused(alone)).length, 1);
  });

  test('that is not heeded is told in any case', async () => {
    const problem = { source: place(3), message: 'no', edits: [] };
    const read = Promise.resolve({ ...noSuppressions, problems: [problem] });
    assert.deepEqual(messages(await unused(read)), ['warning 3 no']);
    assert.deepEqual(messages(await unused(read, {}, { filesRead: [] })), []);
  });
});

/** Without what is undefined. */
function clean(
  more: { readonly filesRead?: readonly string[] | undefined } & Partial<Omit<Report, 'filesRead'>>,
): Partial<Report> {
  const { filesRead, ...rest } = more;
  return { ...rest, ...(filesRead && { filesRead }) };
}

test('what was policed in steps beforehand is taken as it is, and nothing else is', async () => {
  const found = await report();
  const levels: RuleLevels = { 'host-platform': 'error' };
  const ahead = atOnce(policeInSteps(found, levels, noSuppressions));
  assert.equal(applyPolicy(found, { ...levels }, noSuppressions), ahead);
  assert.notEqual(applyPolicy(found, {}, noSuppressions), ahead);
  const read = { ...noSuppressions };
  assert.equal(applyPolicy(found, {}, read).suppressions, read);
  assert.deepEqual(applyPolicy(found, levels, noSuppressions), ahead);
});

test('thousands of leaks are policed in many steps', async () => {
  const found = await report();
  const [leak] = found.leaks;
  assert.ok(leak);
  const leaks = Array.from({ length: 5000 }, (_, cause) => ({ ...leak, cause }));
  const steps = policeInSteps({ ...found, leaks, causes: leaks.map(() => ({})) }, {}, noSuppressions);
  let count = 0;
  for (let step = steps.next(); step.done !== true; step = steps.next()) count += 1;
  assert.ok(count > 200, String(count));
});
