import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planInheritedFrom, planProbe, type ProbePlan } from '../../server/src/probing/probePlan.ts';
import { probeLevels, type ProbeLevel } from '../../server/src/probing/probes.ts';
import { expressionsOf } from '../../server/src/syntax/descent.ts';
import { parseSourceFile, textOf, type SourceFile } from '../../server/src/syntax/sourceFile.ts';
import { testParser } from '../support/parser.ts';

function describe(plan: ProbePlan | undefined, source: SourceFile): string {
  const sets = (withs: Extract<ProbePlan, { ask: 'giving-with' }>['withs']): string =>
    withs.map(({ environment }) => textOf(source, environment)).join(', ');
  switch (plan?.ask) {
    case undefined:
      return 'nothing';
    case 'value':
      return 'value';
    case 'set':
      return `set ${textOf(source, plan.base)}`;
    case 'giving-with':
      return `${plan.name} of ${sets(plan.withs)}`;
    case 'losing-withs':
      return `${plan.name} against ${sets(plan.withs)}${plan.base ? ' as a set' : ''}`;
  }
}

/** The plan of the outermost expression with a text; `$` stands around that text. */
async function planOf(marked: string, level: ProbeLevel): Promise<string> {
  const [before = '', within = '', after = ''] = marked.split('$');
  const source = parseSourceFile('/w/x.nix', before + within + after, await testParser());
  assert.ok(source.wellFormed, marked);
  const span = { start: before.length, end: before.length + within.length };
  for (const expression of expressionsOf(source.root))
    if (expression.start === span.start && expression.end === span.end)
      return describe(planProbe(expression, source.scopes, level), source);
  return assert.fail(`no expression is ${within}`);
}

const cases: readonly (readonly [text: string, full: string, onlyValues: string])[] = [
  ['let a = 1; in $a$', 'value', 'value'],
  ['$unknown$', 'value', 'value'],
  ['$builtins$', 'nothing', 'nothing'],
  ['$__curPos$', 'nothing', 'nothing'],
  ['with p; $a$', 'a of p', 'value'],
  ['with p; with q; $a$', 'a of q, p', 'value'],
  ['let a = 1; in with p; $a$', 'a against p', 'value'],
  ['with p; let a = 1; in $a$', 'value', 'value'],
  ['{ pkgs }: $pkgs.hello$', 'set pkgs', 'value'],
  ['{ pkgs }: with q; $pkgs.hello$', 'pkgs against q as a set', 'value'],
  ['{ pkgs }: $(f pkgs).hello$', 'set f pkgs', 'value'],
  ['$builtins.storePath$', 'value', 'value'],
  ['{ pkgs }: $pkgs.hello or 1$', 'set pkgs', 'value'],
  ['$f x$', 'value', 'value'],
  ['$a // b$', 'value', 'value'],
  ['$a ++ b$', 'nothing', 'nothing'],
  ['$[ a ]$', 'nothing', 'nothing'],
  ['$"a"$', 'nothing', 'nothing'],
  ['$x: x$', 'nothing', 'nothing'],
  ['$./a$', 'nothing', 'nothing'],
];

test('what is asked of an expression follows from its form, its scope and the level', async () => {
  for (const [text, full, onlyValues] of cases) {
    const planned = await Promise.all(probeLevels.map((level) => planOf(text, level)));
    assert.deepEqual(planned, [full, full, onlyValues], text);
  }
});

test('of a name that is inherited from a set, that set is asked', async () => {
  const source = parseSourceFile('/w/x.nix', 'pkgs', await testParser());
  const planned = probeLevels.map((level) => describe(planInheritedFrom(source.root, level), source));
  assert.deepEqual(planned, ['set pkgs', 'set pkgs', 'value']);
});
