import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nixVersions } from '../support/nixVersions.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

const files = {
  'default.nix': '{ set }: import <machine> { pkgs = import set { }; }',
  'machines/board/default.nix': `{ pkgs }:
    pkgs.stdenv.mkDerivation {
      name = builtins.readFile <machine/name>;
      buildInputs = [ pkgs.hello ];
    }
  `,
  'machines/board/name': 'board',
};

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, () => {
    test('a directory of the workspace on the search path is observed, and its data is found', async () => {
      await using open = await openWorkspace({ files }, { nixDirectory: directory });
      const { target } = open.request;
      assert.ok(target.kind === 'file');
      const include = ['machine=machines/board'];
      const request = {
        ...open.request,
        target: { ...target, arguments: { ...target.arguments, include } },
      };
      const report = expectReport(await open.evaluator.run(request, open.options));
      assert.equal(report.probes.fallbackReason, undefined);
      assert.equal(report.probes.level, 0);
      const hello = report.observations.find(({ text }) => text === 'pkgs.hello');
      assert.equal(hello?.source.file, join(open.root, 'machines/board/default.nix'));
    });
  });
}
