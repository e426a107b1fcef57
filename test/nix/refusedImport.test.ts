import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nixVersions } from '../support/nixVersions.ts';
import { openWorkspace } from '../support/workspace.ts';

const text = `{ set, of }:
let
  settings = import (derivation {
    name = "settings.nix";
    system = of;
    builder = "/bin/sh";
    args = [ "-c" "echo 1 > $out" ];
  });
in
derivation { name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; inherit settings; }`;

describe('an import from a derivation that is refused', () => {
  for (const { version, directory } of nixVersions())
    for (const [of, says] of [
      ['aarch64-darwin', /for aarch64-darwin: the evaluating machine, x86_64-linux, cannot build it/],
      ['x86_64-linux', /That derivation is for x86_64-linux\.$/m],
    ] as const)
      test(`says for which system it is, with Nix ${version}: ${of}`, async () => {
        await using open = await openWorkspace(
          { files: { 'default.nix': text } },
          { as: 'x86_64-linux', nixDirectory: directory },
        );
        const { target } = open.request;
        assert.ok(target.kind === 'file');
        const given = { ...target.arguments, argstr: [['of', of] as const] };
        const outcome = await open.evaluator.run(
          { ...open.request, target: { ...target, arguments: given } },
          open.options,
        );
        assert.ok(outcome.kind === 'failed');
        assert.match(outcome.errors[0]?.message ?? '', says);
      });
});
