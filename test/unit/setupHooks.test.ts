import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cross, findingsIn, native, type Tools } from '../support/scriptFindings.ts';
import type { StoredDerivation } from '../support/syntheticStore.ts';

/** A hook of the package set for the host platform, or for the build platform, as `makeSetupHook` writes it. */
interface Hook {
  readonly text: string;
  /** What it has in the place of words, and what it brings along. */
  readonly env?: (tools: Tools) => Readonly<Record<string, string>>;
  readonly brings?: (tools: Tools) => string;
  readonly set?: Readonly<Record<string, string>>;
}

const out = '$out/nix-support';

function addHook(tools: Tools, { text, env = () => ({}), brings, set = cross }: Hook): StoredDerivation {
  const script = join(tools.store.dir, `${'2'.repeat(32)}-hook.sh`);
  writeFileSync(script, text);
  const buildCommand =
    `mkdir -p ${out}\ncp ${script} ${out}/setup-hook\n` +
    (brings ? `printWords ${brings(tools)} > ${out}/propagated-build-inputs\n` : '') +
    `substituteAll ${script} ${out}/setup-hook\n`;
  const builder = `${tools.build.out()}/bin/bash`;
  return tools.make({ ...set, ...env(tools), buildCommand }, { name: 'hook', builder });
}

/** What is found of a hook in one of the lists of a cross-compiled package. */
function withHook(hook: Hook, list = 'nativeBuildInputs', more: readonly string[] = []): Promise<string[]> {
  return findingsIn((tools) => {
    const added = addHook(tools, hook);
    const others = more.map((name) => tools.store.add({ name, env: native }));
    const inputs = [added, ...others];
    const env = { ...cross, [list]: inputs.map((input) => input.out()).join(' ') };
    return tools.store.add({ name: 'user', inputs, env });
  });
}

const host = ({ host: tool }: Tools): Readonly<Record<string, string>> => ({ tool: tool.out() });
/** It is a hook of the build platform's package set. */
const forBuild = { configureFlags: '' };
const build = ({ build: tool }: Tools): Readonly<Record<string, string>> => ({ tool: tool.out() });
const sourced = 'note build-platform : user → hook';

test('a setup hook whose procedure starts a program for the host platform', async () => {
  const text = 'preHook() {\n  @tool@/bin/x .\n}\npreBuildHooks+=(preHook)\n';
  const wrong = 'build-script setup-hook:2 tool:1: hook → host';
  assert.deepEqual(await withHook({ text, env: host }), [wrong, sourced]);
  assert.deepEqual(await withHook({ text, env: build }), [sourced]);
  // `substituteAll` replaces names that begin with a small letter.
  const others = ({ host: tool }: Tools): Readonly<Record<string, string>> => ({
    TOOL: tool.out(),
    _tool: tool.out(),
  });
  const unreplaced = 'preHook() {\n  @TOOL@/bin/x .\n  @_tool@/bin/x .\n}\npreBuildHooks+=(preHook)\n';
  assert.deepEqual(await withHook({ text: unreplaced, env: others }), [sourced]);
  // Only its own name is written down.
  assert.deepEqual(await withHook({ text: 'f() { echo @tool@/bin/x > a; }\nhooks+=(f)', env: host }), [
    sourced,
  ]);
});

test('what no build reaches of a setup hook', async () => {
  const inBuild = (text: string, more: Readonly<Record<string, string>> = {}): Promise<string[]> =>
    findingsIn((tools) => {
      const hook = addHook(tools, { text, env: host });
      const env = { ...cross, nativeBuildInputs: hook.out(), ...more };
      return tools.store.add({ name: 'user', inputs: [hook], env });
    });
  const wrong = (line: number): string[] => [`build-script setup-hook:${line} tool:1: hook → host`, sourced];
  // A procedure that only a phase of the build calls.
  const called = 'unpackIt() {\n  @tool@/bin/x\n}\n';
  assert.deepEqual(await inBuild(called), [sourced]);
  assert.deepEqual(await inBuild(called, { unpackPhase: 'unpackIt $src' }), wrong(2));
  assert.deepEqual(await inBuild(`${called}# unpackIt is for phases`), [sourced]);
  assert.deepEqual(await inBuild(`${called}f() {\n  unpackIt\n}\nhooks+=(f)\n`), wrong(2));
  assert.deepEqual(await inBuild(`other() { a; }\n${called}hooks+=(unpackIt)\n`), wrong(3));
  // What is only done for builds that ask for it.
  const asked = 'f() {\n  if [[ -n "${names[*]-}" ]]; then\n    @tool@/bin/x\n  fi\n}\nhooks+=(f)\n';
  assert.deepEqual(await inBuild(asked), [sourced]);
  assert.deepEqual(await inBuild(asked, { names: 'a b' }), wrong(3));
  assert.deepEqual(await inBuild(`names=a\n${asked}`), wrong(4));
  const behind = 'f() {\n  if [ -n "$x" ]; then\n    a\n  fi\n  @tool@/bin/x\n}\nhooks+=(f)\n';
  assert.deepEqual(await inBuild(behind), wrong(5));
});

test('nobody is harmed by a hook that no build sources', async () => {
  const text = 'f() { @tool@/bin/x; }\nhooks+=(f)';
  const findings = await findingsIn((tools) => {
    const hook = addHook(tools, { text, env: host });
    return tools.make({ NOTE: hook.out() }, { inputs: [hook] });
  });
  assert.deepEqual(findings, []);
});

test('a setup hook that starts what it brings along for the host platform', async () => {
  const text = 'f() {\n  host data\n}\nconfigureHooks+=(f)\n';
  const brings = ({ host: tool }: Tools): string => tool.out();
  const wrong = 'build-script setup-hook:2: user → hook';
  assert.deepEqual(await withHook({ text, brings }), [sourced, wrong]);
  assert.deepEqual(await withHook({ text: 'f() { echo host; }', brings }), [sourced]);
  assert.deepEqual(await withHook({ text: 'host() { :; }\nf() { host; }', brings }), [sourced]);
  assert.deepEqual(await withHook({ text, brings: ({ build: tool }) => tool.out() }), [sourced]);
  // Another input has it for the build platform.
  assert.deepEqual(await withHook({ text, brings }, 'nativeBuildInputs', ['host-1']), [sourced]);
});

test('a hook that writes wrappers with the shell of the build is worth a note', async () => {
  const text = 'wrap() {\n  echo "#! @shell@ -e" > "$1"\n}\n';
  const note = ['note runtime-script setup-hook:2: hook → build'];
  assert.deepEqual(await withHook({ text, set: forBuild }), note);
  assert.deepEqual(await withHook({ text: 'f() { echo "a @shell@" > "$1"; }', set: forBuild }), []);
  const edit = 'f() { sed -i "1s|#!@shell@|#!/bin/sh|" "$1" > log; }';
  assert.deepEqual(await withHook({ text: edit, set: forBuild }), []);
  const shell = ({ host: tool }: Tools): Readonly<Record<string, string>> => ({ shell: tool.out() });
  assert.deepEqual(await withHook({ text, env: shell, set: forBuild }), []);
});
