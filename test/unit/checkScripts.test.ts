import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { findScriptEdges } from '../../server/src/running/scriptEdges.ts';
import { StoreTexts } from '../../server/src/running/storeTexts.ts';
import { linux } from '../support/closure.ts';
import { cross, findingsIn, native, type Tools } from '../support/scriptFindings.ts';
import { SyntheticStore, type StoredDerivation } from '../support/syntheticStore.ts';

const ran = (place: string): string[] => [`build-script ${place}: root → host`];

const phases: readonly [
  what: string,
  env: (path: string) => Readonly<Record<string, string>>,
  ...expected: string[],
][] = [
  ['a phase', (path) => ({ buildPhase: `a\n${path}` }), ...ran('buildPhase:2')],
  ['a hook of a phase', (path) => ({ postInstall: path }), ...ran('postInstall:1')],
  ['a build command', (path) => ({ buildCommand: path }), ...ran('buildCommand:1')],
  ['a build command replaces phases', (path) => ({ buildCommand: 'a', buildPhase: path })],
  ['tests are off', (path) => ({ checkPhase: path, installCheckPhase: path, doCheck: '', preCheck: path })],
  ['tests are on', (path) => ({ checkPhase: path, doCheck: '1' }), ...ran('checkPhase:1')],
  ['a phase that is left out', (path) => ({ buildPhase: path, preBuild: path, dontBuild: '1' })],
  ['a phase that is not listed', (path) => ({ phases: 'installPhase', buildPhase: path })],
  ['a phase of one’s own', (path) => ({ postPhases: 'myPhase', myPhase: path }), ...ran('myPhase:1')],
  ['a hook that its phase does not run', (path) => ({ buildPhase: 'make', preBuild: path })],
  [
    'a hook that its phase runs',
    (path) => ({ buildPhase: 'runHook preBuild', preBuild: path }),
    ...ran('preBuild:1'),
  ],
  [
    'a variable that is evaluated',
    (path) => ({ buildCommand: 'eval "$more"', more: path }),
    ...ran('more:1'),
  ],
  ['a variable that a phase runs', (path) => ({ tool: path, buildPhase: '$tool a' }), ...ran('buildPhase:1')],
  ['a variable that nobody runs', (path) => ({ tool: path, shellHook: path })],
  ['flags for make', (path) => ({ makeFlags: `CC=${path}` }), ...ran('makeFlags:1')],
  ['the build environment', (path) => ({ PKG_CONFIG: path }), ...ran('PKG_CONFIG:1')],
  [
    'structured attributes',
    (path) => ({ __json: JSON.stringify({ ...cross, buildPhase: path }) }),
    ...ran('buildPhase:1'),
  ],
];

for (const [what, env, ...expected] of phases) {
  test(`${what} and a program of the host platform`, async () => {
    assert.deepEqual(await findingsIn(({ host, make }) => make(env(`${host.out()}/bin/x`))), expected);
  });
}

test('what runs on the build platform may run', async () => {
  assert.deepEqual(await findingsIn(({ build, make }) => make({ buildPhase: `${build.out()}/bin/x` })), []);
  assert.deepEqual(
    await findingsIn(({ host, make }) => make({ buildPhase: `${host.out('dev')}/bin/x` })),
    [],
  );
  assert.deepEqual(
    await findingsIn(({ host, make }) => make({ buildPhase: `${host.out()}/bin/x-config` })),
    [],
  );
  const toMusl = {
    stdenv: '/none',
    configureFlags: '--build=x86_64-linux-gnu --host=x86_64-unknown-linux-musl',
  };
  const musl = ({ store }: Tools): StoredDerivation => {
    const tool = store.add({ name: 'tool', env: toMusl });
    return store.add({ name: 'musl', env: { ...toMusl, buildPhase: `${tool.out()}/bin/x` }, inputs: [tool] });
  };
  assert.deepEqual(await findingsIn(musl), []);
});

test('the script of a builder, and phases only where it runs them', async () => {
  const withBuilder = (text: string): Promise<string[]> =>
    findingsIn(({ store, host, make }) => {
      const builder = join(store.dir, `${'1'.repeat(32)}-builder.sh`);
      writeFileSync(builder, text);
      return make({ buildPhase: `${host.out()}/bin/x`, tool: host.out() }, { args: ['-e', builder] });
    });
  assert.deepEqual(await withBuilder('source $stdenv/setup\ngenericBuild'), ran('buildPhase:1'));
  assert.deepEqual(await withBuilder('source $stdenv/setup\n$tool/bin/x'), ran('builder:2'));
});

test('a script that names nothing of the host platform runs everywhere', async () => {
  const through = (text: (tools: Tools) => string): Promise<string[]> =>
    findingsIn((tools) => {
      const script = tools.store.add({
        name: 'script',
        inputs: [tools.host, tools.build],
        env: { ...cross, buildCommand: 'echo -n "$text" > $out', text: text(tools) },
      });
      const portable = tools.store.add({
        name: 'portable',
        inputs: [tools.build],
        env: { ...cross, buildCommand: 'echo -n "$text" > $out', text: `#!${tools.build.out()}/bin/sh` },
      });
      return tools.make({ buildPhase: `${script.out()}; ${portable.out()}` }, { inputs: [script, portable] });
    });
  assert.deepEqual(await through(({ host }) => `#!${host.out()}/bin/sh`), [
    'build-script buildPhase:1: root → script',
  ]);
});

test('a tool of the build platform that is installed', async () => {
  const installed = ['runtime-script installPhase:1: root → build'];
  assert.deepEqual(
    await findingsIn(({ build, make }) =>
      make({ installPhase: `echo "#!${build.out()}/bin/sh" > $out/bin/x` }),
    ),
    installed,
  );
  assert.deepEqual(
    await findingsIn(({ build, make }) => make({ makeWrapperArgs: `--prefix PATH : ${build.out()}/bin` })),
    ['runtime-script makeWrapperArgs:1: root → build'],
  );
});

test('a text that only builds use may name their tools', async () => {
  const used = (env: (path: string) => Readonly<Record<string, string>>): Promise<string[]> =>
    findingsIn(({ store, build, make }) => {
      const script = store.add({
        name: 'script',
        inputs: [build],
        env: {
          ...cross,
          buildCommand: 'mv "$textPath" "$out"',
          executable: '1',
          text: `#!${build.out()}/bin/sh`,
        },
      });
      return make(env(script.out()), { inputs: [script] });
    });
  const kept = ['runtime-script text:1: script → build'];
  assert.deepEqual(await used((path) => ({ paths: path })), kept);
  assert.deepEqual(await used((path) => ({ installPhase: `cp ${path} $out/bin/x` })), kept);
  assert.deepEqual(await used((path) => ({ installFlags: `INSTALL=${path}` })), []);
  assert.deepEqual(await used((path) => ({ paths: path, buildPhase: path })), []);
  assert.deepEqual(await used((path) => ({ nativeBuildInputs: path })), []);
});

test('a text is a tool wherever what it names runs', async () => {
  const used = (interpreter: 'host' | 'build', asArgument: boolean): Promise<string[]> =>
    findingsIn((tools) => {
      const script = tools.store.add({
        name: 'script',
        inputs: [tools[interpreter]],
        env: {
          ...cross,
          buildCommand: 'mv "$textPath" "$out"',
          text: `#!${tools[interpreter].out()}/bin/sh`,
        },
      });
      return asArgument
        ? tools.make({}, { inputs: [script], args: ['-e', script.out()] })
        : tools.make({ nativeBuildInputs: script.out() }, { inputs: [script] });
    });
  for (const asArgument of [true, false]) {
    assert.deepEqual(await used('build', asArgument), []);
    assert.deepEqual(await used('host', asArgument), ['build-platform : root → script']);
  }
});

test('what Go makes for another machine has a native stdenv', async () => {
  const link = (GOARCH: string): Promise<string[]> =>
    findingsIn(({ store, make }) => {
      const tool = store.add({ name: 'tool', env: { ...native, GOARCH, GOOS: 'linux' } });
      return make({ installPhase: `ln -s ${tool.out()}/bin/x $out/bin/x` }, { inputs: [tool] });
    });
  assert.deepEqual(await link('arm64'), []);
  assert.deepEqual(await link('amd64'), ['runtime-script installPhase:1: root → tool']);
});

test('an edge that its role shows to be wrong is told once, with the line', async () => {
  const found = await findingsIn(({ host, make }) =>
    make({ nativeBuildInputs: host.out(), buildPhase: `${host.out()}/bin/x` }),
  );
  assert.deepEqual(found, ['build-platform buildPhase:1: root → host']);
});

test('no parser is loaded where nothing is cross-compiled', async () => {
  using store = new SyntheticStore();
  const build = store.add({ name: 'build', env: native });
  const root = store.add({
    name: 'root',
    env: { ...native, buildPhase: `${build.out()}/bin/x` },
    inputs: [build],
  });
  const graph = await loadClosure(root.drvPath);
  const fail = (): never => assert.fail('it was loaded');
  assert.deepEqual(
    await findScriptEdges(graph, linux, new StoreTexts(graph), fail, new AbortController().signal),
    [],
  );
});

test('a package for the build platform among those of an environment', async () => {
  const json = (...paths: readonly string[]): string => JSON.stringify([{ paths, priority: 5 }]);
  const environment = { pathsToLink: '/', buildCommand: 'perl builder.pl' };
  assert.deepEqual(
    await findingsIn(({ host, build, make }) =>
      make({ ...environment, pkgs: json(host.out(), build.out()) }),
    ),
    ['runtime-script pkgs:1: root → build'],
  );
  assert.deepEqual(
    await findingsIn(({ host, make }) => make({ ...environment, pkgs: json(host.out()) })),
    [],
  );
  const joins = 'for i in $paths; do lndir -silent $i $out; done';
  assert.deepEqual(
    await findingsIn(({ host, build, make }) =>
      make({ paths: `${host.out()} ${build.out()}`, buildCommand: joins }),
    ),
    ['runtime-script paths:1: root → build'],
  );
  // Elsewhere nobody knows what becomes of them.
  assert.deepEqual(
    await findingsIn(({ host, build, make }) =>
      make({ paths: `${host.out()} ${build.out()}`, buildCommand: 'true' }),
    ),
    [],
  );
  const locales = ({ store }: Tools): StoredDerivation => {
    const data = store.add({ name: 'glibc-locales-2.31', env: native });
    return store.add({
      name: 'root',
      inputs: [data],
      env: { ...cross, ...environment, pkgs: json(data.out()) },
    });
  };
  assert.deepEqual(await findingsIn(locales), []);
});

/** What `replaceVars` of nixpkgs makes of a file: one phase, and the words that are replaced stand in it. */
const replaced = (words: string): Readonly<Record<string, string>> => ({
  ...cross,
  dontUnpack: '1',
  buildPhase: `target=$out\nsubstitute "$src" "$target" ${words}`,
});

test('a file with words replaced is sourced wherever it is built', async () => {
  const tool = (more: Readonly<Record<string, string>>): Promise<string[]> =>
    findingsIn(({ store, make }) => {
      const file = store.add({
        name: 'file.sh',
        env: { ...replaced('--replace-fail @version@ 3'), ...more },
      });
      return make({ nativeBuildInputs: file.out() }, { inputs: [file] });
    });
  const wrong = ['build-platform : root → file.sh'];
  assert.deepEqual(await tool({}), []);
  assert.deepEqual(await tool({ dir: 'bin' }), wrong);
  assert.deepEqual(await tool({ buildPhase: 'make' }), wrong);
});

test('a file with words replaced is only there for a build, where a flag alone names it', async () => {
  const user = (env: (file: string) => Readonly<Record<string, string>>): Promise<string[]> =>
    findingsIn((tools) => {
      const file = tools.store.add({
        name: 'file.sh',
        inputs: [tools.build],
        env: replaced(`--replace-fail @tool@ ${tools.build.out()}/bin/tool`),
      });
      return tools.make(env(file.out()), { inputs: [file] });
    });
  assert.deepEqual(await user((file) => ({ mesonFlags: `-Dwrapper=${file}` })), []);
  assert.deepEqual(await user((file) => ({ gnFlags: `base="${file}"` })), []);
  assert.deepEqual(await user((file) => ({ tool: file, buildPhase: 'sh $tool' })), []);
  assert.deepEqual(await user((file) => ({ tool: file, installPhase: 'cp $tool $out/bin/x' })), [
    'runtime-script buildPhase:2: file.sh → build',
  ]);
  assert.deepEqual(await user((file) => ({ installPhase: `cp ${file} $out/bin/x` })), [
    'runtime-script buildPhase:2: file.sh → build',
  ]);
});

test('what may fail is a note', async () => {
  const runs = (script: (path: string) => string): Promise<string[]> =>
    findingsIn(({ host, make }) => make({ buildPhase: script(`${host.out()}/bin/x`) }));
  assert.deepEqual(await runs((path) => `a=$(${path} -v || true)`), [
    'note build-script buildPhase:1: root → host',
  ]);
  assert.deepEqual(await runs((path) => `a=$(${path} -v || true)\n${path}`), [
    'build-script buildPhase:1 buildPhase:2: root → host',
  ]);
});

test('a patch changes the source, a setup hook serves other builds, and neither is run on the host', async () => {
  const patched = (variable: string): Promise<string[]> =>
    findingsIn(({ store, build, make }) => {
      const patch = store.add({
        name: 'tool.patch',
        inputs: [build],
        env: replaced(`--replace-fail @tool@ ${build.out()}/bin/tool`),
      });
      return make({ [variable]: patch.out() }, { inputs: [patch] });
    });
  assert.deepEqual(await patched('patches'), []);
  assert.deepEqual(await patched('setupHook'), []);
  assert.deepEqual(await patched('text'), ['runtime-script buildPhase:2: tool.patch → build']);
});

test('a file that has programs started is never there for a build', async () => {
  const unit = (env: (path: string) => Readonly<Record<string, string>>, used: boolean): Promise<string[]> =>
    findingsIn((tools) => {
      const text = tools.store.add({
        name: 'unit-web.service',
        inputs: [tools.build],
        env: { ...cross, ...env(`[Service]\nExecStart=${tools.build.out()}/bin/x`) },
      });
      return used
        ? tools.make({ units: text.out() }, { inputs: [text] })
        : tools.make({}, { inputs: [text] });
    });
  const found = ['runtime-script text:2: unit-web.service → build'];
  const asFile = { buildCommand: 'mkdir -p $out; mv "$textPath" "$out/web.service"' };
  // As nixpkgs up to 20.09 writes it.
  const echoed = { buildCommand: 'mkdir -p $out\necho -n "$text" > $out/web.service' };
  for (const buildCommand of [asFile, echoed])
    for (const used of [true, false])
      assert.deepEqual(await unit((text) => ({ ...buildCommand, text }), used), found);
});

test('a library of the build platform that is installed', async () => {
  assert.deepEqual(
    await findingsIn(({ build, make }) => make({ installPhase: `cp ${build.out()}/lib/libz.so* $out/lib` })),
    ['runtime-script installPhase:1: root → build'],
  );
  const compiler = ({ store }: Tools): StoredDerivation => {
    const env = { ...native, suffixSalt: 'aarch64_unknown_linux_gnu' };
    const made = store.add({ name: 'compiler', env });
    return store.add({
      name: 'root',
      inputs: [made],
      env: { ...cross, installPhase: `cp ${made.out()}/lib/libc.so $out/lib` },
    });
  };
  assert.deepEqual(await findingsIn(compiler), []);
});

test('a flag that names a program of the build platform beside others', async () => {
  const flags = (text: (host: string, build: string) => string): Promise<string[]> =>
    findingsIn(({ host, build, make }) => make({ makeFlags: text(host.out(), build.out()) }));
  const found = ['runtime-script makeFlags:1: root → build'];
  assert.deepEqual(
    await flags((host, build) => `SHELL_PATH=${build}/bin/sh PERL_PATH=${host}/bin/perl`),
    found,
  );
  assert.deepEqual(await flags((host, build) => `SHELL_PATH=${build}/bin/sh PERL_BIN=${host}/bin/perl`), []);
  assert.deepEqual(await flags((host, build) => `SHELL=${build}/bin/sh PERL_PATH=${host}/bin/perl`), []);
  assert.deepEqual(
    await flags((host, build) => `BUILD_CC_PATH=${build}/bin/cc PERL_PATH=${host}/bin/perl`),
    [],
  );
});

test('a flag for make names a tool that has no use but to be started by a build', async () => {
  const flags = (name: string, value: (path: string) => string): Promise<string[]> =>
    findingsIn(({ store }) => {
      const tool = store.add({ name: `${name}-1.0-aarch64-unknown-linux-gnu`, env: cross });
      return store.add({ name: 'root', inputs: [tool], env: { ...cross, makeFlags: value(tool.out()) } });
    });
  const found = (name: string): string[] => [
    `build-script makeFlags:1: root → ${name}-1.0-aarch64-unknown-linux-gnu`,
  ];
  assert.deepEqual(await flags('patchelf', (path) => `ELFBIN=${path}/bin/patchelf`), found('patchelf'));
  assert.deepEqual(await flags('paxctl', (path) => `PAXBIN=${path}/bin/paxctl`), found('paxctl'));
  assert.deepEqual(await flags('patchelf', (path) => `DATA=${path}/share/patchelf`), []);
  assert.deepEqual(await flags('xsel', (path) => `YANKCMD=${path}/bin/xsel`), []);
});

test('an option that names the shell of what is built', async () => {
  const flags = (value: (build: string) => string, variable = 'configureFlags'): Promise<string[]> =>
    findingsIn(({ make, build }) => make({ [variable]: `${cross.configureFlags} ${value(build.out())}` }));
  const found = (variable: string): string[] => [`runtime-script ${variable}:1: root → build`];
  for (const name of ['--with-shell', '--enable-def-interp', '--with-syscmd-shell', 'TOOL_SHELL'])
    assert.deepEqual(await flags((build) => `${name}=${build}/bin/bash`), found('configureFlags'), name);
  for (const name of ['CONFIG_SHELL', '--with-build-shell', '--with-bash-dir'])
    assert.deepEqual(
      await flags((build) => `${name}=${build}/bin/bash`.replace(/(?<=dir=.*)\/bash/, '')),
      [],
      name,
    );
  assert.deepEqual(await flags((build) => `--with-shell=${build}/bin/python`), []);
  // Of a package that another one needs it is a note.
  const inDependency = await findingsIn(({ store, build }) => {
    const configureFlags = `${cross.configureFlags} --with-shell=${build.out()}/bin/sh`;
    const used = store.add({ name: 'used', inputs: [build], env: { ...cross, configureFlags } });
    return store.add({ name: 'root', inputs: [used], env: { ...cross, buildInputs: used.out() } });
  });
  assert.deepEqual(inDependency, ['note runtime-script configureFlags:1: used → build']);
});

test('a package that a flag only names is no build tool', async () => {
  const findings = await findingsIn(({ store, build }) => {
    const env = { ...cross, installPhase: `ln -s ${build.out()}/bin/x $out/bin/x` };
    const scanner = store.add({ name: 'scanner', inputs: [build], env });
    const makeFlags = `SCANNER_CONFIG=${scanner.out()}/bin/scanner-config`;
    return store.add({ name: 'root', inputs: [scanner], env: { ...cross, makeFlags } });
  });
  assert.deepEqual(findings, ['runtime-script installPhase:1: scanner → build']);
});
