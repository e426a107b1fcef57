import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgeClosure } from '../../server/src/check/judge.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { findScriptEdges } from '../../server/src/running/scriptEdges.ts';
import { StoreTexts } from '../../server/src/running/storeTexts.ts';
import { linux } from '../support/closure.ts';
import { testShellParser } from '../support/parser.ts';
import { SyntheticStore, type StoredDerivation } from '../support/syntheticStore.ts';

const native = { stdenv: '/none' };
const cross = {
  ...native,
  configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
};
const suffix = 'aarch64-unknown-linux-gnu';

/** What is found in the closure of a root, as `severity rule: consumer → input`. */
async function findingsIn(write: (store: SyntheticStore) => StoredDerivation): Promise<string[]> {
  using store = new SyntheticStore();
  const graph = await loadClosure(write(store).drvPath);
  const scriptEdges = await findScriptEdges(
    graph,
    linux,
    new StoreTexts(graph),
    testShellParser,
    new AbortController().signal,
  );
  const { leaks } = judgeClosure(graph, linux, { furtherEdges: scriptEdges });
  const nameOf = (id: number): string => graph.derivation(id).name;
  return leaks.flatMap(({ edges }) =>
    edges.map(
      ({ severity, rule, consumer, input }) => `${severity} ${rule}: ${nameOf(consumer)} → ${nameOf(input)}`,
    ),
  );
}

/** A cross-compiled package, which a root has, with one tool for the host platform in `buildInputs`. */
async function withTool(name: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  return findingsIn((store) => {
    const tool = store.add({ name, env: cross });
    const user = store.add({
      name: 'user',
      inputs: [tool],
      env: { ...cross, buildInputs: tool.out(), ...env },
    });
    return store.add({ name: 'root', inputs: [user], env: { ...cross, buildInputs: user.out() } });
  });
}

const cmake = `cmake-3.18.2-${suffix}`;
const started = (tool: string): string[] => [`warning misplaced-tool: user → ${tool}`];
const noted = (tool: string): string[] => [`info misplaced-tool: user → ${tool}`];

test('a tool whose setup hook starts it in a phase that runs', async () => {
  assert.deepEqual(await withTool(cmake), started(cmake));
  for (const variable of ['configurePhase', 'dontConfigure', 'dontUseCmakeConfigure', 'buildCommand'])
    assert.deepEqual(await withTool(cmake, { [variable]: 'true' }), noted(cmake), variable);
});

test('a tool that a phase starts by its name', async () => {
  const bison = `bison-3.7-${suffix}`;
  assert.deepEqual(await withTool(bison), noted(bison));
  for (const script of [
    'bison -d a.y',
    'test -e b || yacc a.y',
    'x=$(bison --version)',
    'find . -exec bison {} \\;',
  ])
    assert.deepEqual(await withTool(bison, { buildPhase: script }), started(bison), script);
  for (const script of ['echo bison', '# bison a.y', 'cp bison $out', 'cat > x <<EOF\nbison a.y\nEOF'])
    assert.deepEqual(await withTool(bison, { buildPhase: script }), noted(bison), script);
});

test('a program that is of use at run time as well is told of only where it is started', async () => {
  const perl = `perl-5.30.3-${suffix}`;
  assert.deepEqual(await withTool(perl, { buildCommand: 'true' }), []);
  assert.deepEqual(await withTool(perl, { preBuild: 'perl configure.pl' }), started(perl));
  assert.deepEqual(await withTool(perl, { preBuild: 'perl configure.pl', dontBuild: '1' }), []);
  // Names of nixpkgs since 2023.
  const python = `python3-${suffix}-3.11.4`;
  assert.deepEqual(await withTool(python, { installPhase: 'python3 setup.py' }), started(python));
});

test('a tool that is of no other use is a warning in what is asked for itself', async () => {
  const inRoot = (name: string): Promise<string[]> =>
    findingsIn((store) => {
      const tool = store.add({ name, env: cross });
      return store.add({ name: 'root', inputs: [tool], env: { ...cross, buildInputs: tool.out() } });
    });
  const bison = `bison-3.7-${suffix}`;
  assert.deepEqual(await inRoot(bison), [`warning misplaced-tool: root → ${bison}`]);
  assert.deepEqual(await inRoot(`python3-3.8-${suffix}`), []);
});

test('a program that is run later only by its path is of no use where nothing names that', async () => {
  const groff = `groff-1.22-${suffix}`;
  const inRoot = (env: (path: string) => Readonly<Record<string, string>>): Promise<string[]> =>
    findingsIn((store) => {
      const tool = store.add({ name: groff, env: cross });
      const given = { ...cross, buildInputs: tool.out(), ...env(tool.out()) };
      return store.add({ name: 'root', inputs: [tool], env: given });
    });
  assert.deepEqual(await inRoot(() => ({})), [`warning misplaced-tool: root → ${groff}`]);
  assert.deepEqual(await withTool(groff), noted(groff));
  assert.deepEqual(await inRoot((path) => ({ postInstall: `wrapProgram $out/bin/x --set G ${path}` })), []);
  assert.deepEqual(await inRoot((path) => ({ buildInputs: '', propagatedBuildInputs: path })), []);
});

test('code for a library is generated by the same version of it', async () => {
  const protobuf = `protobuf-3.8.0-${suffix}`;
  const inRoot = (env: Readonly<Record<string, string>>, alsoOf = false): Promise<string[]> =>
    findingsIn((store) => {
      const tool = store.add({ name: protobuf, env: cross });
      const used = alsoOf ? [tool] : [];
      const other = store.add({ name: `phone-${suffix}`, inputs: used, env: cross });
      const given = { ...cross, buildInputs: `${tool.out()} ${other.out()}`, ...env };
      return store.add({ name: 'root', inputs: [tool, other], env: given });
    });
  const source = '/store/dhdp9vwy886bbdsvgqkg9h2ydigzbmli-source';
  const found = (level: string): string[] => [`${level} misplaced-tool: root → ${protobuf}`];
  assert.deepEqual(await inRoot({ src: source }), found('warning'));
  assert.deepEqual(await inRoot({ src: `${source}.tar.gz` }), found('info'));
  assert.deepEqual(await inRoot({ src: source, goModules: '/modules' }), found('info'));
  assert.deepEqual(await inRoot({ src: source }, true), found('info'));
  assert.deepEqual(await inRoot({ src: source, buildCommand: 'true' }), []);
  assert.deepEqual(await withTool(protobuf, { src: source }), noted(protobuf));
});

test('a setup hook that names the right program hands it to the build', async () => {
  const protobuf = `protobuf-34-${suffix}`;
  const withHook = (text: string, native_: readonly string[] = []): Promise<string[]> =>
    findingsIn((store) => {
      const source = join(store.dir, 'dhdp9vwy886bbdsvgqkg9h2ydigzbmli-source');
      mkdirSync(source);
      writeFileSync(join(source, 'CMakeLists.txt'), 'protobuf_generate(TARGET x)\n');
      const hook = join(store.dir, 'dhdp9vwy886bbdsvgqkg9h2ydigzbmli-setup-hook.sh');
      writeFileSync(hook, text);
      const tool = store.add({ name: protobuf, env: { ...cross, setupHook: hook } });
      const others = native_.map((name) => store.add({ name, env: native }));
      const nativeBuildInputs = others.map((other) => other.out()).join(' ');
      const env = { ...cross, src: source, buildInputs: tool.out(), nativeBuildInputs };
      return store.add({ name: 'root', inputs: [tool, ...others], env });
    });
  const found = [`warning misplaced-tool: root → ${protobuf}`];
  const forCmake = 'f() { cmakeFlagsArray+=(-DPROTOC_EXE="@build_protobuf@/bin/protoc"); }';
  assert.deepEqual(await withHook(forCmake, ['cmake-3.18']), []);
  assert.deepEqual(await withHook(forCmake), found);
  assert.deepEqual(await withHook('export PROTOC=@build_protobuf@/bin/protoc'), []);
  assert.deepEqual(await withHook('export CPATH=a', ['cmake-3.18']), found);
});

test('a phase makes a file that only the tool generates', async () => {
  const protobufC = `protobuf-c-1.3.3-${suffix}`;
  assert.deepEqual(await withTool(protobufC, { preBuild: 'make lib/x.pb-c.h' }), started(protobufC));
  assert.deepEqual(
    await withTool(protobufC, { preBuild: 'rm lib/x.pb-c.h; make lib/x.h' }),
    noted(protobufC),
  );
});

test('a program that is not named like its package', async () => {
  const mtools = `mtools-4.0.24-${suffix}`;
  const dosfstools = `dosfstools-4.1-${suffix}`;
  assert.deepEqual(await withTool(mtools, { buildCommand: 'mcopy -i img x ::' }), started(mtools));
  assert.deepEqual(await withTool(dosfstools, { buildCommand: 'mkfs.vfat img' }), started(dosfstools));
  assert.deepEqual(await withTool(mtools, { buildCommand: 'mkfs.vfat img' }), []);
  // What it says itself, in nixpkgs since 2024.
  const findings = await findingsIn((store) => {
    const tool = store.add({ name: `spell-1-${suffix}`, env: { ...cross, NIX_MAIN_PROGRAM: 'spl' } });
    const env = { ...cross, buildInputs: tool.out(), buildPhase: 'spl x' };
    return store.add({ name: 'user', inputs: [tool], env });
  });
  assert.deepEqual(findings, started(`spell-1-${suffix}`));
});

test('what lies in an output that is in the store', async () => {
  const findings = (script: string): Promise<string[]> =>
    findingsIn((store) => {
      const tool = store.add({ name: `mtools-4-${suffix}`, env: cross });
      mkdirSync(join(tool.out(), 'bin'), { recursive: true });
      writeFileSync(join(tool.out(), 'bin', 'other'), '');
      return store.add({
        name: 'user',
        inputs: [tool],
        env: { ...cross, buildInputs: tool.out(), buildCommand: script },
      });
    });
  assert.deepEqual(await findings('other x'), started(`mtools-4-${suffix}`));
  assert.deepEqual(await findings('mcopy x'), []);
});

test('what stdenv only forbids to refer to is not at hand', async () => {
  const jq = `jq-1.6-${suffix}`;
  const findings = await findingsIn((store) => {
    const other = store.add({ name: 'jq-1.6', env: native });
    const env = { initialPath: '/none', setup: 'x', disallowedRequisites: other.out() };
    const stdenv = store.add({ name: 'stdenv-linux', inputs: [other], env });
    const tool = store.add({ name: jq, env: cross });
    const given = { ...cross, stdenv: stdenv.out(), buildInputs: tool.out(), buildPhase: 'jq . x' };
    return store.add({ name: 'user', inputs: [tool, stdenv], env: given });
  });
  assert.deepEqual(findings, started(jq));
});

test('a setup hook that unpacks the source starts its tool', async () => {
  const unzip = `unzip-6.0-${suffix}`;
  const withSource = (src: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> =>
    findingsIn((store) => {
      const hook = join(store.dir, 'dhdp9vwy886bbdsvgqkg9h2ydigzbmli-setup-hook.sh');
      writeFileSync(
        hook,
        'unpackCmdHooks+=(_tryUnzip)\n_tryUnzip() {\n    if ! [[ "$curSrc" =~ \\.zip$ ]]; then return 1; fi\n    unzip -qq "$curSrc"\n}\n',
      );
      const tool = store.add({ name: unzip, env: { ...cross, setupHook: hook } });
      const given = {
        ...cross,
        buildInputs: tool.out(),
        src: `${store.dir}/dhdp9vwy886bbdsvgqkg9h2ydigzbmli-${src}`,
        ...env,
      };
      return store.add({ name: 'user', inputs: [tool], env: given });
    });
  assert.deepEqual(await withSource('x-1.zip'), started(unzip));
  assert.deepEqual(await withSource('x-1.tar.gz'), []);
  assert.deepEqual(await withSource('x-1.zip', { unpackPhase: 'true' }), []);
  assert.deepEqual(await withSource('x-1.zip', { dontUnpack: '1' }), []);
});

test('the source at hand starts it', async () => {
  const libxslt = `libxslt-1.1-${suffix}`;
  const withMakefile = (text: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> =>
    findingsIn((store) => {
      const src = join(store.dir, 'dhdp9vwy886bbdsvgqkg9h2ydigzbmli-source');
      mkdirSync(join(src, 'doc'), { recursive: true });
      writeFileSync(join(src, 'doc', 'Makefile'), text);
      const tool = store.add({ name: libxslt, env: cross });
      return store.add({
        name: 'user',
        inputs: [tool],
        env: { ...cross, src, buildInputs: tool.out(), ...env },
      });
    });
  assert.deepEqual(await withMakefile('x:\n\txsltproc x.xsl\n'), started(libxslt));
  assert.deepEqual(await withMakefile('x:\n\techo xsltproc\n'), noted(libxslt));
  assert.deepEqual(await withMakefile('x:\n\txsltproc x.xsl\n', { dontBuild: '1' }), []);
  assert.deepEqual(await withMakefile('x:\n\txsltproc x.xsl\n', { buildCommand: 'true' }), []);
});

test('what is no start of the tool', async () => {
  const jq = `jq-1.6-${suffix}`;
  assert.deepEqual(await withTool(jq, { buildPhase: 'jq . x' }), started(jq));
  assert.deepEqual(await withTool(jq, { buildPhase: 'jq() { cat; }\njq . x' }), []);
  assert.deepEqual(await withTool(jq, { buildPhase: 'jq . x || true' }), noted(jq));
});

test('what stdenv itself puts on the PATH is at hand', async () => {
  const findings = await findingsIn((store) => {
    const own = store.add({ name: 'gawk-5.1.0', env: native });
    const stdenv = store.add({
      name: 'stdenv-linux',
      inputs: [own],
      env: { initialPath: own.out(), setup: 'x' },
    });
    const tool = store.add({ name: `gawk-5.1.0-${suffix}`, env: cross });
    const env = { ...cross, stdenv: stdenv.out(), buildInputs: tool.out(), buildPhase: 'gawk 1 x' };
    return store.add({ name: 'user', inputs: [tool, stdenv], env });
  });
  assert.deepEqual(findings, []);
});

test('a library is none', async () => {
  assert.deepEqual(await withTool(`zlib-1.2.11-${suffix}`, { buildPhase: 'make' }), []);
});

test('the same tool for the build platform is at hand', async () => {
  const findings = await findingsIn((store) => {
    const host = store.add({ name: cmake, env: cross });
    const build = store.add({ name: 'cmake-3.18.2', env: native });
    const env = { ...cross, buildInputs: host.out(), nativeBuildInputs: build.out() };
    return store.add({ name: 'root', inputs: [host, build], env });
  });
  assert.deepEqual(findings, []);
});

test('an input for the build platform propagates it', async () => {
  const findings = await findingsIn((store) => {
    const host = store.add({ name: cmake, env: cross });
    const build = store.add({ name: 'cmake-3.18.2', env: native });
    const modules = store.add({
      name: 'extra-cmake-modules-5.73',
      inputs: [build],
      env: { ...native, propagatedBuildInputs: build.out() },
    });
    const env = { ...cross, buildInputs: host.out(), nativeBuildInputs: modules.out() };
    return store.add({ name: 'root', inputs: [host, modules], env });
  });
  assert.deepEqual(findings, []);
});

test('a setup hook starts what it brings along', async () => {
  const findings = await findingsIn((store) => {
    const autoconf = store.add({ name: `autoconf-2.69-${suffix}`, env: cross });
    const hook = store.add({
      name: `hook-${suffix}`,
      inputs: [autoconf],
      env: {
        ...cross,
        propagatedBuildInputs: autoconf.out(),
        buildCommand: 'mkdir -p $out/nix-support\ncp hook.sh $out/nix-support/setup-hook\n',
      },
    });
    return store.add({ name: 'root', inputs: [hook], env: { ...cross, buildInputs: hook.out() } });
  });
  assert.deepEqual(findings, [`warning misplaced-tool: root → hook-${suffix}`]);
});

test('a native build has nothing to misplace', async () => {
  const findings = await findingsIn((store) => {
    const tool = store.add({ name: 'cmake-3.18.2', env: native });
    return store.add({ name: 'root', inputs: [tool], env: { ...native, buildInputs: tool.out() } });
  });
  assert.deepEqual(findings, []);
});
