import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import type { EvaluationArguments } from '../../server/src/model/target.ts';
import {
  evaluateDrvPath,
  evaluateExpression,
  evaluateFileDrvPath,
  instantiateFile,
} from '../../server/src/nix/evaluate.ts';
import { NixFailure } from '../../server/src/nix/failure.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import { evaluationArguments } from '../support/evaluationArguments.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

const folder = new NixFolder({
  'with blank.nix': `
    { name ? "default", number ? 1, system ? builtins.currentSystem }:
    let
      make = name: derivation { inherit name system; builder = "/bin/sh"; };
    in
    {
      plain = make name;
      "dotted.name"."with blank" = make "dotted";
      "-minus" = make "minus";
      called = { suffix ? "x" }: make "called-\${suffix}-\${toString number}";
      searched = make (import <lens-test>);
      traced = builtins.trace "outer" (make (builtins.trace "inner €\\nline" "traced"));
      imported = import (builtins.toFile "written.nix" "name: name # \${name}") (make "imported");
      built = import (make "import-from-derivation");
      several = { recurseForDerivations = true; a = make "a"; b = make "b"; };
      text = "no derivation";
    }
  `,
  'single.nix': 'derivation { name = "single"; system = builtins.currentSystem; builder = "/bin/sh"; }',
  'searched.nix': '"from-search-path"',
});
after(() => folder[Symbol.dispose]());

function target(attribute: string, given: Partial<EvaluationArguments> = {}, file = 'with blank.nix') {
  return { file: folder.file(file), attribute, arguments: evaluationArguments(given) };
}

/** The name of a derivation from its store path. */
function nameOf(drvPath: string | undefined): string | undefined {
  return /^\/nix\/store\/[a-z0-9]{32}-(.*)\.drv$/.exec(drvPath ?? '')?.[1];
}

const isNixFailure = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof NixFailure, String(error));
  assert.match(error.message, message);
  return true;
};

const cases: [what: string, evaluation: ReturnType<typeof target>, name: string][] = [
  ['a function with defaults', target('plain'), 'default'],
  ['a string argument', target('plain', { argstr: [['name', 'given']] }), 'given'],
  ['an expression as argument', target('called', { arg: [['number', '40 + 2']] }), 'called-x-42'],
  ['quoted names', target('"dotted.name"."with blank"'), 'dotted'],
  ['a name that looks like an option', target('-minus'), 'minus'],
  [
    'the search path',
    target('searched', { include: [`lens-test=${folder.file('searched.nix')}`] }),
    'from-search-path',
  ],
  ['the file itself', target('', {}, 'single.nix'), 'single'],
  [
    'a file on the search path',
    { ...target('', { include: [`lens=${folder.path}`] }), file: '<lens/single.nix>' },
    'single',
  ],
];

/** Store paths by case: every version gives the same. */
const seen = new Map<string, string | undefined>();

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, async () => {
    const nix = await findNix({ directory });

    for (const [what, evaluation, name] of cases) {
      test(`${what}: written and read only give the same path, as does every version`, async () => {
        const { drvPath, traces } = await evaluateFileDrvPath(nix, evaluation);
        assert.equal(nameOf(drvPath), name);
        assert.deepEqual(traces, []);
        assert.deepEqual(await instantiateFile(nix, evaluation), [drvPath]);
        assert.ok(existsSync(drvPath));
        if (!seen.has(what)) seen.set(what, drvPath);
        assert.equal(drvPath, seen.get(what));
      });
    }

    test('the system that is evaluated as is the current one, over all other words on it', async () => {
      const own = await evaluateExpression(nix, 'builtins.currentSystem');
      const foreign = own === 'x86_64-darwin' ? 'x86_64-linux' : 'x86_64-darwin';
      const option = { arguments: evaluationArguments({ option: [['system', 'riscv64-linux']] }) };
      assert.equal(await evaluateExpression(nix, 'builtins.currentSystem', { evaluateAs: foreign }), foreign);
      assert.equal(await evaluateExpression(nix, 'builtins.currentSystem', option), 'riscv64-linux');
      assert.equal(
        await evaluateExpression(nix, 'builtins.currentSystem', { ...option, evaluateAs: foreign }),
        foreign,
      );
    });

    test('what is traced comes whole and in order', async () => {
      const { traces } = await evaluateFileDrvPath(nix, target('traced'));
      assert.deepEqual(traces, ['outer', 'inner €\nline']);
    });

    test('a set of derivations gives all of them', async () => {
      const names = (await instantiateFile(nix, target('several'))).map(nameOf);
      assert.deepEqual(names.sort(), ['a', 'b']);
    });

    test('reading only is given up where the evaluation imports what it wrote', async () => {
      const name = `fresh-${randomUUID()}`;
      const { drvPath } = await evaluateFileDrvPath(nix, target('imported', { argstr: [['name', name]] }));
      assert.equal(nameOf(drvPath), 'imported');
    });

    test('reading only writes nothing, writing does', async () => {
      const expression = `derivation { name = "fresh-${randomUUID()}"; system = "x"; builder = "/bin/sh"; }`;
      const { drvPath } = await evaluateDrvPath(nix, expression);
      assert.ok(!existsSync(drvPath));
      assert.deepEqual(await evaluateDrvPath(nix, expression, { write: true }), { drvPath, traces: [] });
      assert.ok(existsSync(drvPath));
    });

    test('import-from-derivation is refused unless it is allowed, by us or by the person', async () => {
      const refused = isNixFailure(/allow-import-from-derivation/);
      await assert.rejects(evaluateFileDrvPath(nix, target('built')), refused);
      await assert.rejects(instantiateFile(nix, target('built')), refused);
      // The build is allowed then, and cannot succeed.
      const tried = isNixFailure(/build|output path|import-from-derivation\.drv/);
      const offline: [string, string][] = [['substitute', 'false']];
      const allowed = { allowImportFromDerivation: true };
      await assert.rejects(instantiateFile(nix, target('built', { option: offline }), allowed), tried);
      const option: [string, string][] = [...offline, ['allow-import-from-derivation', 'true']];
      await assert.rejects(instantiateFile(nix, target('built', { option })), tried);
    });

    test('an expression is evaluated to its JSON', async () => {
      const value = await evaluateExpression(nix, '{ a = [ 1 null "€" ]; b.c = 1.5; }');
      assert.deepEqual(value, { a: [1, null, '€'], b: { c: 1.5 } });
    });

    test('flakes are switched on where they are asked for', async () => {
      assert.equal(await evaluateExpression(nix, 'builtins ? getFlake', { flakes: true }), true);
    });

    test('what is no derivation, or absent, is an error of the evaluation', async () => {
      await assert.rejects(
        instantiateFile(nix, target('text')),
        isNixFailure(/does not evaluate to a derivation/),
      );
      await assert.rejects(evaluateFileDrvPath(nix, target('text')), isNixFailure(/should be a set/));
      await assert.rejects(
        instantiateFile(nix, target('absent')),
        isNixFailure(/attribute 'absent'.* not found/),
      );
    });
  });
}
