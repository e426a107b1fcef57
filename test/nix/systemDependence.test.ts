import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  findSystemDependence,
  type SystemDependence,
} from '../../server/src/attribution/systemDependence.ts';
import { testParser } from '../support/parser.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

async function compare(text: string): Promise<SystemDependence | undefined> {
  await using open = await openWorkspace({ files: { 'default.nix': text } });
  const run = async (evaluateAs: string) =>
    expectReport(await open.evaluator.run({ ...open.request, evaluateAs }, open.options));
  const [linux, darwin] = [await run('x86_64-linux'), await run('x86_64-darwin')];
  return findSystemDependence(darwin, linux, await testParser());
}

const textsOf = (found: SystemDependence | undefined) => found?.places.map(({ text }) => text);

describe('the same target evaluated as two systems', () => {
  test('names the package set without a system through which it comes in, once', async () => {
    const found = await compare(`{ set }:
      let mac = import set { }; linux = import set { system = "x86_64-linux"; };
      in linux.buildEnv { name = "root"; paths = [ linux.hello mac.jq mac.git ]; }`);
    assert.equal(found?.severity, 'warning');
    assert.deepEqual(textsOf(found), ['import set { }']);
    assert.deepEqual([...(found.places[0]?.derivations ?? [])].sort(), ['git', 'jq']);
    assert.equal(found.places[0]?.source.range.start.line, 1);
  });

  test('a whole that follows the machine is information', async () => {
    const found = await compare('{ set }: let pkgs = import set { }; in pkgs.hello');
    assert.equal(found?.severity, 'info');
    assert.deepEqual(textsOf(found), ['import set { }']);
  });

  test('one root for both is no dependence', async () => {
    assert.equal(await compare('{ set }: (import set { system = "x86_64-linux"; }).hello'), undefined);
  });
});
