import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { EvaluationError } from '../../server/src/model/evaluationError.ts';
import type { EvaluationArguments } from '../../server/src/model/target.ts';
import { adviceFor } from '../../server/src/nix/advice.ts';
import { describeFailure } from '../../server/src/nix/describeFailure.ts';
import { evaluateExpression, instantiateFile } from '../../server/src/nix/evaluate.ts';
import { findNix, isAtLeast } from '../../server/src/nix/installation.ts';
import type { NixInstallation } from '../../server/src/nix/installation.ts';
import { evaluationArguments } from '../support/evaluationArguments.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

const files = {
  'default.nix': `
    { argument ? null, ... }:
    let
      lib = import ./library/lib.nix;
      take = { wanted }: wanted;
    in
    {
      type = 1 + "text";
      umlaut = "äöü€𝕏" + lib.missing;
      recursion = let value = value; in value;
      outside = derivation { name = "outside"; system = "x"; builder = "/bin/sh"; value = lib.fails { a = 1; }; };
      thrown = throw "a reason of one's own";
      suggestion = { hello = 1; }.helo;
      unwanted = take { wanted = 1; extra = 2; };
      lacking = take { };
      searched = import <nix-lens-nowhere/x>;
      gone = import ./gone.nix;
      noDerivation = 1;
      built = import (derivation { name = "built"; system = "x"; builder = "/bin/sh"; });
      flake = builtins.getFlake "path:/nowhere";
    }
  `,
  'library/lib.nix': '{\n  fails = set: set.nothing;\n}\n',
  'syntax.nix': '{\n  a = "ä" ];\n}\n',
  'needs.nix': '{ needed }: needed',
};

const folder = new NixFolder(files);
after(() => folder[Symbol.dispose]());

/** What an evaluation that fails is described as; only `default.nix` and its neighbours are the workspace's. */
async function describeEvaluation(
  nix: NixInstallation,
  attribute: string,
  file: keyof typeof files = 'default.nix',
  given: Partial<EvaluationArguments> = {},
): Promise<EvaluationError> {
  const evaluation = { file: folder.file(file), attribute, arguments: evaluationArguments(given) };
  const error = await instantiateFile(nix, evaluation).then(
    () => assert.fail('it gave a result'),
    (thrown: unknown) => thrown,
  );
  const [described, ...others] = describeFailure(error, (path) =>
    /^[^/]*$/.test(path.slice(folder.path.length + 1)),
  );
  assert.deepEqual(others, []);
  assert.ok(described);
  return described;
}

/** The text that an error marks. */
function marked({ source }: EvaluationError): string | undefined {
  if (!source) return undefined;
  const { start, end } = source.range;
  assert.equal(start.line, end.line);
  return readFileSync(source.file, 'utf8').split('\n')[start.line]?.slice(start.character, end.character);
}

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, async () => {
    const nix = await findNix({ directory });
    const tellsThrow = isAtLeast(version, 2, 26);

    test('a type error lies where the value is', async () => {
      const error = await describeEvaluation(nix, 'type');
      assert.match(error.message, /cannot add a string to an integer/);
      assert.equal(error.source?.file, folder.file('default.nix'));
      assert.match(marked(error) ?? '', /^(?:"text"|1|\+)$/);
    });

    test('columns count UTF-16, not bytes', async () => {
      const error = await describeEvaluation(nix, 'umlaut');
      assert.match(error.message, /attribute 'missing' missing/);
      assert.equal(marked(error), 'lib');
    });

    test('a syntax error is told at its place', async () => {
      const error = await describeEvaluation(nix, '', 'syntax.nix');
      assert.match(error.message, /^syntax error/);
      assert.deepEqual(error.source, {
        file: folder.file('syntax.nix'),
        range: { start: { line: 1, character: 10 }, end: { line: 1, character: 11 } },
      });
      assert.match(error.advice ?? '', /Correct the text/);
    });

    test('infinite recursion', async () => {
      const error = await describeEvaluation(nix, 'recursion');
      assert.match(error.message, /^infinite recursion/);
      assert.equal(marked(error), 'value');
      assert.match(error.advice ?? '', /needs itself/);
    });

    test('an error outside the workspace is shown at the innermost place within', async () => {
      const error = await describeEvaluation(nix, 'outside');
      assert.match(error.message, /attribute 'nothing' missing\n\(raised at .*\/library\/lib\.nix:2:16\)$/);
      assert.equal(error.source?.file, folder.file('default.nix'));
      const line = files['default.nix'].split('\n')[error.source.range.start.line];
      assert.match(line ?? '', /outside = /);
    });

    test("what is thrown is told in the thrower's words", async () => {
      const error = await describeEvaluation(nix, 'thrown');
      assert.equal(error.message, "a reason of one's own");
      assert.equal(marked(error), tellsThrow ? 'throw' : undefined);
    });

    test('Nix guesses at names', async () => {
      assert.match((await describeEvaluation(nix, 'suggestion')).advice ?? '', /Did you mean hello\?/);
      assert.match((await describeEvaluation(nix, 'throwm')).advice ?? '', /Did you mean thrown\?/);
    });

    test('arguments', async () => {
      assert.match((await describeEvaluation(nix, 'unwanted')).advice ?? '', /Remove `extra`/);
      assert.match((await describeEvaluation(nix, 'lacking')).advice ?? '', /Pass `wanted`/);
      const needed = await describeEvaluation(nix, '', 'needs.nix');
      assert.match(needed.advice ?? '', /`--arg needed EXPRESSION`/);
      assert.ok(!needed.message.includes('\n'), needed.message);
    });

    test('files', async () => {
      assert.match((await describeEvaluation(nix, 'searched')).advice ?? '', /`-I nix-lens-nowhere=PATH`/);
      assert.match((await describeEvaluation(nix, 'gone')).advice ?? '', /The file is not there/);
    });

    test('what is no derivation', async () => {
      assert.match(
        (await describeEvaluation(nix, 'noDerivation')).advice ?? '',
        /whose value is a derivation/,
      );
    });

    test('import-from-derivation names the setting', async () => {
      const { advice } = await describeEvaluation(nix, 'built');
      assert.match(advice ?? '', /nixPlatformLens\.evaluation\.allowImportFromDerivation/);
      assert.match(advice ?? '', /--option allow-import-from-derivation true/);
    });

    test('a feature that is switched off', async () => {
      const off = { option: [['experimental-features', '']] } satisfies Partial<EvaluationArguments>;
      const { advice } = await describeEvaluation(nix, 'flake', 'default.nix', off);
      assert.match(advice ?? '', /extra-experimental-features = flakes/);
    });

    test('a download that nobody asked for: what, and the action', async () => {
      const expression = 'builtins.fetchurl "http://127.0.0.1:1/x"';
      const error = await evaluateExpression(nix, expression).catch((thrown: unknown) => thrown);
      const [described] = describeFailure(error, () => true);
      assert.match(described?.message ?? '', /^This needs http:\/\/127\.0\.0\.1:1\/x from the network/);
      assert.match(described?.advice ?? '', /--fetch/);
      assert.deepEqual(described?.action, { kind: 'fetch' });
    });

    test('a download that fails though it is allowed, in few words', async () => {
      const expression = 'builtins.fetchurl "http://127.0.0.1:1/x"';
      const noRetry = evaluationArguments({ option: [['download-attempts', '1']] });
      const evaluation = evaluateExpression(nix, expression, { arguments: noRetry, network: 'allowed' });
      const [described] = describeFailure(await evaluation.catch((thrown: unknown) => thrown), () => true);
      assert.match(described?.advice ?? '', /Check the network/);
      assert.equal(described?.action, undefined);
    });

    test('a time limit', async () => {
      const evaluation = evaluateExpression(
        nix,
        `builtins.foldl' (a: b: a) 0 (builtins.genList (x: x) 1000000000)`,
        {
          timeoutMs: 100,
        },
      );
      const [described] = describeFailure(await evaluation.catch((thrown: unknown) => thrown), () => true);
      assert.match(described?.message ?? '', /did not finish within 0\.1 s/);
      assert.match(described?.advice ?? '', /nixPlatformLens\.evaluation\.timeout/);
    });
  });
}

test('errors of other kinds are told as they are', () => {
  assert.deepEqual(
    describeFailure(new Error('odd'), () => true),
    [{ message: 'odd' }],
  );
});

test('package sets that refuse a package are answered', () => {
  const answers = {
    'Package ‘x’ in /x.nix:3 has an unfree license (‘unfree’), refusing to evaluate.': /allowUnfree/,
    'Package ‘x’ in /x.nix:3 is marked as insecure, refusing to evaluate.': /permittedInsecurePackages/,
    'Package ‘x’ in /x.nix:3 is marked as broken, refusing to evaluate.': /allowBroken/,
    'Package ‘x’ in /x.nix:3 is not available on the requested hostPlatform:': /another system/,
    "cannot connect to socket at '/nix/var/nix/daemon-socket/socket': Connection refused":
      /daemon does not answer/,
    "opening lock file '/nix/var/nix/db/big-lock': Permission denied": /who owns the file/,
    "a 'x86_64-darwin' with features {} is required to build '/nix/store/x.drv'": /add a builder/,
    "access to absolute path '/etc' is forbidden in pure eval mode": /pure-eval false/,
  };
  for (const [message, advice] of Object.entries(answers)) {
    assert.match(adviceFor('evaluation', message) ?? '', advice, message);
  }
});

test('settings that advice names exist', () => {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  const folderOfNix = join(import.meta.dirname, '../../server/src/nix');
  for (const name of ['advice.ts', 'installation.ts']) {
    const text = readFileSync(join(folderOfNix, name), 'utf8');
    for (const [setting] of text.matchAll(/nixPlatformLens\.[\w.]*\w/g)) {
      assert.ok(manifest.includes(`"${setting}"`), setting);
    }
  }
});
