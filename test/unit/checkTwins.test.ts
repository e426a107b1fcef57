import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cross, findingsIn, native, type Tools } from '../support/scriptFindings.ts';
import type { StoredDerivation } from '../support/syntheticStore.ts';

const host = 'bc-1.07-aarch64-unknown-linux-gnu';
const wrong = [`build-platform : root → ${host}`];
const excused = [`note build-platform : root → ${host}`];

interface Twins {
  readonly host: StoredDerivation;
  readonly build: StoredDerivation;
}

/** What is found of a derivation that has one tool for its host platform and the same for its build platform. */
function found(
  env: (twins: Twins) => Readonly<Record<string, string>>,
  builder: (twins: Twins) => string = () => '/bin/sh',
): Promise<string[]> {
  return findingsIn(({ store }: Tools) => {
    const twins = {
      host: store.add({ name: host, env: cross }),
      build: store.add({ name: 'bc-1.07', env: native }),
    };
    return store.add({
      name: 'root',
      builder: builder(twins),
      inputs: [twins.host, twins.build],
      env: { ...cross, ...env(twins) },
    });
  });
}

describe('a tool for the host platform that has a twin for the build platform', () => {
  const tool = ({ host: it }: Twins): Readonly<Record<string, string>> => ({ nativeBuildInputs: it.out() });

  for (const [what, env] of [
    ['the twin is on the PATH', (t: Twins) => ({ nativeBuildInputs: `${t.host.out()} ${t.build.out()}` })],
    ['the twin is on the PATH of the build itself', (t) => ({ ...tool(t), depsBuildBuild: t.build.out() })],
    ['a flag names the twin’s program', (t) => ({ ...tool(t), makeFlags: `BC=${t.build.out()}/bin/bc` })],
    ['a flag names the twin', (t) => ({ ...tool(t), configureFlags: `--with-bc=${t.build.out()}` })],
    ['a phase starts the twin', (t) => ({ ...tool(t), buildPhase: `${t.build.out()}/bin/bc < in` })],
    ['a phase starts it by a variable', (t) => ({ ...tool(t), bc: t.build.out(), buildPhase: '$bc/bin/bc' })],
  ] satisfies [string, (twins: Twins) => Readonly<Record<string, string>>][]) {
    test(`it is a note where ${what}`, async () => assert.deepEqual(await found(env), excused));
  }

  test('it is wrong where the twin is only mentioned', async () => {
    assert.deepEqual(await found((t) => ({ ...tool(t), NOTE: t.build.out(), buildPhase: 'bc < in' })), wrong);
    assert.deepEqual(await found((t) => ({ ...tool(t), bc: t.build.out(), buildPhase: 'echo $bc' })), wrong);
  });

  test('it is a note where another derivation has the twin’s outputs as well', async () => {
    const findings = await findingsIn(({ store }) => {
      const tool = store.add({ name: host, env: cross });
      const twin = store.add({ name: 'bc-1.07', env: native });
      const same = store.add({ name: 'bc-1.07.', outPath: twin.out(), env: native });
      const user = store.add({ name: 'user', inputs: [same], env: native });
      const env = { ...cross, nativeBuildInputs: tool.out(), makeFlags: `BC=${twin.out()}/bin/bc` };
      return store.add({ name: 'root', inputs: [tool, twin, user], env });
    });
    assert.deepEqual(findings, excused);
  });

  test('nothing stands in for a builder', async () => {
    const env = ({ build }: Twins): Readonly<Record<string, string>> => ({ nativeBuildInputs: build.out() });
    assert.deepEqual(await found(env, (t) => `${t.host.out()}/bin/bc`), wrong);
  });

  for (const variable of ['propagatedBuildInputs', 'interpreter'])
    test(`it is a note where a hook brings the twin along as ${variable}`, async () => {
      const findings = await findingsIn(({ store }) => {
        const tools = [
          store.add({ name: host, env: cross }),
          store.add({ name: 'bc-1.07', env: native }),
        ] as const;
        const hook = store.add({
          name: 'hook',
          inputs: [tools[1]],
          env: {
            ...native,
            buildCommand: 'cp $hook $out/nix-support/setup-hook',
            [variable]: tools[1].out(),
          },
        });
        const env = { ...cross, nativeBuildInputs: `${hook.out()} ${tools[0].out()}` };
        return store.add({ name: 'root', inputs: [hook, tools[0]], env });
      });
      assert.deepEqual(findings, excused);
    });
});
