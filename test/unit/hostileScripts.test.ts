import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReachedLines } from '../../server/src/shell/hookProcedures.ts';
import { findKeptShells } from '../../server/src/shell/keptShells.ts';
import { replacementsOfEdit } from '../../server/src/shell/replacements.ts';
import { fileOfHook, withWords } from '../../server/src/shell/setupHookText.ts';
import { WantedPaths } from '../../server/src/shell/wantedPaths.ts';

/** Texts that somebody wrote to have the server busy for minutes; each is done in far less than a second. */
const quick = { timeout: 10_000 };

const builds = { isSet: () => false, names: () => false };

test('an edit with many escaped characters that never ends', quick, () => {
  assert.deepEqual(replacementsOfEdit(`s|${'\\a'.repeat(2000)}`), []);
  assert.deepEqual(replacementsOfEdit(`s|a|${'\\a'.repeat(2000)}`), []);
  assert.deepEqual(replacementsOfEdit('s|a\\|b|c\\|d|;s,x,y,g'), ['c\\|d', 'y']);
});

test('a build command of blank lines', quick, () => {
  const copied = 'cp /nix/store/hook.sh $out/nix-support/setup-hook';
  assert.equal(fileOfHook(`${'\n'.repeat(250_000)}  ${copied}`), '/nix/store/hook.sh');
});

test('procedures that never end, and conditions within one another', quick, () => {
  const procedures = new ReachedLines('a() {\n'.repeat(40_000), builds);
  assert.equal(procedures.has(40_000), true);
  const conditions = new ReachedLines(`${'if [ -n "$x" ]; then\n'.repeat(10_000)}a\n`, builds);
  assert.equal(conditions.has(10_001), false);
  const reading = new ReachedLines(`${'read '.repeat(50_000)}\nif [ -n "$x" ]\na\n`, builds);
  assert.equal(reading.has(3), false);
  const long = new ReachedLines(`if [ -n $${'a'.repeat(100_000)} ${'b'.repeat(100_000)} ||\na`, builds);
  assert.equal(long.has(2), true);
});

test('what else a condition may ask for', () => {
  const second = (condition: string): boolean =>
    new ReachedLines(`if ${condition}; then\n  a\nfi\n`, builds).has(2);
  assert.equal(second('[ -n "$x" ]'), false);
  assert.equal(second('[ -e a ] && [[ -n "${x-}" ]]'), false);
  // One of the two is enough, and the other one is not known.
  assert.equal(second('[ -e a ] || [ -n "$x" ]'), true);
  assert.equal(second('! [ -n "$x" ]'), true);
});

test('words that become longer and longer', quick, () => {
  const text = withWords('@a@'.repeat(80_000), () => 'b'.repeat(100_000));
  assert.ok(text.length < 2 * 1024 * 1024, String(text.length));
  assert.equal(
    withWords('@a@ @b@', (name) => (name === 'a' ? 'c' : undefined)),
    'c @b@',
  );
});

test('many flags that name a shell', quick, () => {
  const shell = `/nix/store/${'a'.repeat(32)}-bash-5/bin/sh`;
  const wanted = new WantedPaths('/nix/store', () => true);
  const found = findKeptShells('configureFlags', `--with-shell=${shell}\n`.repeat(10_000), wanted);
  assert.deepEqual([found.length, found[0]?.line, found.at(-1)?.line], [10_000, 1, 10_000]);
});
