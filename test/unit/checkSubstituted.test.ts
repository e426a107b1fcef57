import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findingsIn, type Tools } from '../support/scriptFindings.ts';

test('a file with variables in the place of their names installs what they hold', async () => {
  const written = (
    text: string,
    env: (tools: Tools) => Readonly<Record<string, string>>,
  ): Promise<string[]> =>
    findingsIn((tools) => {
      const src = join(tools.store.dir, `${'2'.repeat(32)}-run.sh`);
      writeFileSync(src, text);
      const args = ['-e', join(tools.store.dir, `${'3'.repeat(32)}-substitute-all.sh`)];
      return tools.make({ src, ...env(tools) }, { args, builder: `${tools.build.out()}/bin/bash` });
    });
  const wrong = (...places: string[]): string[] => [`runtime-script ${places.join(' ')}: root → build`];
  const tool = ({ build }: Tools): Readonly<Record<string, string>> => ({ tool: build.out() });
  assert.deepEqual(await written('#!@tool@/bin/x\n@tool@/bin/x', tool), wrong('src:1 src:2 tool:1'));
  assert.deepEqual(await written('#!@other@/bin/x', tool), []);
  assert.deepEqual(await written('#!@tool@/bin/x', ({ host }) => ({ tool: host.out() })), []);
  assert.deepEqual(await written('a\n#!@shell@', () => ({})), wrong('src:2'));
  assert.deepEqual(await written('#!@shell@', ({ host }) => ({ shell: host.out() })), []);
});

test('so does a file that a phase writes in that way', async () => {
  const written = (text: string, phase: (file: string) => string): Promise<string[]> =>
    findingsIn((tools) => {
      const file = join(tools.store.dir, `${'2'.repeat(32)}-run.sh`);
      writeFileSync(file, text);
      const tool = tools.build.out();
      const env = {
        tool,
        TOOL: tool,
        _tool: tool,
        'my-tool': tool,
        installPhase: `mkdir -p $out/bin\n${phase(file)}`,
      };
      return tools.make(env, { builder: `${tools.build.out()}/bin/bash` });
    });
  const wrong = ['runtime-script installPhase:2: root → build'];
  const installed = (file: string): string => `substituteAll ${file} $out/bin/run`;
  assert.deepEqual(await written('#! @shell@', installed), wrong);
  assert.deepEqual(
    await written('#! /bin/sh\n@tool@/bin/x', (file) => `substituteAll "${file}" "$out/bin/run"`),
    wrong,
  );
  assert.deepEqual(await written('#! /bin/sh\n@other@', installed), []);
  // Variables with other names are nothing that it replaces.
  assert.deepEqual(await written('#! /bin/sh\n@TOOL@/bin/x @_tool@/bin/x @my-tool@/bin/x', installed), []);
  assert.deepEqual(await written('#! @shell@', (file) => `substituteAll ${file} ./run`), []);
});

test('a package in the place of a word, from which the text goes on to its program', async () => {
  const written = (text: string, options: (tool: string) => string): Promise<string[]> =>
    findingsIn((tools) => {
      const src = join(tools.store.dir, `${'2'.repeat(32)}-run.sh`);
      writeFileSync(src, text);
      const buildPhase =
        'target=$out\nif test -n "$dir"; then\n  target=$out/$dir/$name\nfi\n' +
        `substitute "$src" "$target" ${options(tools.build.out())}\n`;
      return tools.make({ src, dontUnpack: '1', isExecutable: '1', buildPhase });
    });
  const wrong = ['runtime-script buildPhase:5: root → build'];
  const replaced = (tool: string): string => `--replace-fail '@tool@' ${tool}`;
  assert.deepEqual(await written('#!@tool@/bin/x\n', replaced), wrong);
  assert.deepEqual(await written('#!/bin/sh\nexec @tool@/bin/x\n', replaced), wrong);
  assert.deepEqual(await written('#!@tool@/bin/x\n', (tool) => `--subst-var-by tool ${tool}`), wrong);
  assert.deepEqual(await written('#!/bin/sh\ncat @tool@/share/x\n', replaced), []);
  assert.deepEqual(await written('#!@other@/bin/x\n', replaced), []);
});
