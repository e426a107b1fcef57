import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { findBuildFaults } from '../../server/src/running/buildFaults.ts';
import { StoreTexts } from '../../server/src/running/storeTexts.ts';
import { linux } from '../support/closure.ts';
import { testShellParser } from '../support/parser.ts';
import { SyntheticStore } from '../support/syntheticStore.ts';

type Env = Readonly<Record<string, string>>;

const native = { stdenv: '/none' };
const go = { ...native, GOARCH: 'arm64', GOOS: 'linux' };
const rust = {
  ...native,
  cargoDeps: '/vendor',
  configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
};

/** What is told of a package with these variables, and the line that shows it. */
async function told(env: Env): Promise<string[]> {
  using store = new SyntheticStore();
  // Something that runs on one of the two platforms only, as every real package has.
  const bash = store.add({ name: 'bash', env: native });
  const root = store.add({ name: 'tool', inputs: [bash], env: { shell: bash.out(), ...env } });
  const graph = await loadClosure(root.drvPath);
  const { signal } = new AbortController();
  const texts = new StoreTexts(graph);
  const faults = await findBuildFaults(graph, linux, texts, testShellParser, signal, () => true);
  return faults.flatMap(({ severity, rule, scriptUses = [] }) =>
    scriptUses.map(({ variable, text }) => `${severity} ${rule}: ${variable}: ${text}`),
  );
}

for (const line of [
  '$out/bin/tool completion bash > tool.bash',
  '"$out/bin/tool" man',
  'HOME=$TMPDIR ${out}/bin/tool init',
  'installShellCompletion --cmd tool --bash <($out/bin/tool completion bash)',
  'for shell in bash zsh; do $out/bin/tool completion $shell > tool.$shell; done',
]) {
  test(`a cross build starts what it has made: ${line}`, async () => {
    assert.deepEqual(await told({ ...go, postInstall: line }), [`warning own-program: postInstall: ${line}`]);
    assert.deepEqual(await told({ ...rust, postInstall: line }), [
      `warning own-program: postInstall: ${line}`,
    ]);
    assert.deepEqual(await told({ ...go, GOARCH: 'amd64', postInstall: line }), []);
  });
}

test('what another package has installed may be a script', async () => {
  const postInstall = '$out/bin/tool man';
  const { cargoDeps, ...plain } = rust;
  assert.notEqual(cargoDeps, undefined);
  assert.deepEqual(await told({ ...plain, postInstall }), [`info own-program: postInstall: ${postInstall}`]);
});

for (const line of [
  'wrapProgram $out/bin/tool --set X 1',
  'qemu-aarch64 $out/bin/tool man',
  '$out/bin/tool man || true',
  'if $out/bin/tool --version; then echo runs; fi',
  'cat > $out/bin/tool <<EOF\nx\nEOF\n$out/bin/tool',
  '$other/bin/tool man',
  'ln -s $out/bin/tool $out/bin/t',
]) {
  test(`no cross build starts what it has made: ${line}`, async () => {
    assert.deepEqual(await told({ ...go, postInstall: line }), []);
  });
}

test('tests of what was installed are left out under cross-compilation', async () => {
  assert.deepEqual(await told({ ...go, installCheckPhase: '$out/bin/tool --version' }), []);
});
