import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildFaultsOf } from '../support/buildFaults.ts';
import { cross, native } from '../support/scriptFindings.ts';
import { SyntheticStore } from '../support/syntheticStore.ts';

const go = { ...native, GOARCH: 'arm64', GOOS: 'linux' };
const rust = { ...cross, cargoDeps: '/vendor' };

/** What is told of a package with these variables, and the line that shows it. */
async function told(env: Readonly<Record<string, string>>): Promise<string[]> {
  using store = new SyntheticStore();
  return await buildFaultsOf(store, env);
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
  assert.deepEqual(await told({ ...cross, postInstall }), [`info own-program: postInstall: ${postInstall}`]);
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

test('what is written in the place of a program afterwards was no script before', async () => {
  const installPhase = 'cp tool $out/bin/tool\n$out/bin/tool init\ncat > $out/bin/tool <<EOF\nx\nEOF';
  assert.deepEqual(await told({ ...go, installPhase }), [
    'warning own-program: installPhase: $out/bin/tool init',
  ]);
});

test('tests of what was installed are left out under cross-compilation', async () => {
  assert.deepEqual(await told({ ...go, installCheckPhase: '$out/bin/tool --version' }), []);
});
