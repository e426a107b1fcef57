import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Report } from '../../server/src/model/report.ts';
import { toJson } from '../../server/src/output/toJson.ts';
import { plainPaint } from '../../server/src/output/paint.ts';
import { toText } from '../../server/src/output/toText.ts';
import { policed } from '../support/policed.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { evaluateWorkspace, type Workspace, type WorkspaceRun } from '../support/workspace.ts';

const machine = process.arch === 'arm64' ? 'aarch64-linux' : 'x86_64-linux';
const other = machine === 'x86_64-linux' ? 'aarch64-linux' : 'x86_64-linux';

/** A consistent closure of several derivations for a machine that is not this one. */
const consistent: Workspace['files'] = {
  'default.nix': `{ set }: with import set { system = "${other}"; };
    stdenv.mkDerivation { name = "app"; buildInputs = [ git jq vim ]; }`,
};

/** Something that wants a feature below something that has to be built. */
const demanding: Workspace['files'] = {
  'default.nix': `{ set }: with import set { };
    stdenv.mkDerivation {
      name = "app"; allowSubstitutes = false;
      buildInputs = [
        jq
        (stdenv.mkDerivation {
          name = "vm-test"; allowSubstitutes = false; preferLocalBuild = true;
          requiredSystemFeatures = [ "gpu" ];
        })
      ];
    }`,
};

type Options = NonNullable<Workspace['option']>;

function evaluate(files: Workspace['files'], option: Options, run: WorkspaceRun): Promise<Report> {
  return evaluateWorkspace({ files, option }, run);
}

/** `severity rule: explanation`. */
function told({ leaks }: Report): string[] {
  return leaks.map(({ severity, rule, explanation }) => `${severity} ${rule}: ${explanation}`);
}

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, () => {
    const run: WorkspaceRun = { nixDirectory: directory };

    test('a consistent closure for another machine is one note', async () => {
      const [note = '', ...more] = told(await evaluate(consistent, [], run));
      assert.match(note, /^info no-builder: app and 4 other derivations have to be substituted, /);
      assert.match(note, new RegExp(`'${other}'.*'${machine}'`));
      assert.deepEqual(more, []);
    });

    test('without substituters it is one warning', async () => {
      const [warning = '', ...more] = told(await evaluate(consistent, [['substitute', 'false']], run));
      assert.match(warning, /^warning no-builder: app and 4 other derivations can be built by nobody here: /);
      assert.deepEqual(more, []);
    });

    for (const option of [
      ['extra-platforms', other],
      ['extra-extra-platforms', other],
      ['builders', `ssh://other.invalid ${other}`],
    ] as const) {
      test(`somebody builds it with --option ${option.join(' ')}`, async () => {
        assert.deepEqual(told(await evaluate(consistent, [option], run)), []);
      });
    }

    test('of another machine than this one nothing is said', async () => {
      const as = await evaluate(consistent, [['substitute', 'false']], { ...run, as: other });
      assert.deepEqual(told(as), []);
      assert.equal(as.builders, undefined);
      const given = await evaluate(consistent, [['system', other]], run);
      assert.deepEqual(told(given), []);
    });

    test('a feature that nobody has is a warning where it certainly has to be built', async () => {
      const report = await evaluate(demanding, [], run);
      const [warning = '', ...more] = told(report);
      assert.match(warning, /^warning no-builder: vm-test can be built by nobody here: /);
      assert.deepEqual(more, []);
      assert.equal(report.leaks[0]?.reason, undefined);
      const [origin] = report.leaks[0]?.origins ?? [];
      assert.match(origin?.text ?? '', /vm-test/);

      const shown = await policed(report);
      const json = toJson(shown, [], '/');
      assert.deepEqual(json.builtBy?.derivations, {
        builtin: 0,
        local: 2,
        remote: 0,
        substituted: 0,
        none: 1,
      });
      assert.equal(json.leaks[0]?.builders?.kind, 'none');
      const text = toText(json, shown.findings, plainPaint);
      assert.match(text, /\n {2}2 can be built here, 1 neither built nor substituted\n/);
      assert.match(text, /\nwarning: vm-test can be built by nobody here: /);
      assert.match(text, new RegExp(`\\n {2}input {3}vm-test \\(${machine}\\)\\n`));
    });

    test('a machine of the command line has the feature', async () => {
      const option: Options = [['builders', `ssh://gpu.invalid ${machine} - 1 1 gpu`]];
      const report = await evaluate(demanding, option, run);
      assert.deepEqual(told(report), []);
      assert.equal(report.builders?.machines[0]?.uri, 'ssh://gpu.invalid');
    });
  });
}
