import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cross, findingsIn, native } from '../support/scriptFindings.ts';
import type { DerivationSpec } from '../support/syntheticStore.ts';

/** What is found of a tool for the host platform in `nativeBuildInputs`. */
function asTool(
  tool: DerivationSpec,
  { output = 'out', consumer = 'root' }: { readonly output?: string; readonly consumer?: string } = {},
): Promise<string[]> {
  return findingsIn(({ store }) => {
    const made = store.add({ ...tool, env: { ...cross, ...tool.env } });
    const perl = store.add({ name: 'perl-5.30', env: native });
    const python = store.add({ name: 'python3-3.13.1', env: native });
    const nativeBuildInputs = `${made.out(output)} ${perl.out()} ${python.out()}`;
    return store.add({
      name: consumer,
      inputs: [[made, output], perl, python],
      env: { ...cross, nativeBuildInputs },
    });
  });
}

const note = (name: string, consumer = 'root'): string[] => [`note build-platform : ${consumer} → ${name}`];
const wrong = (name: string): string[] => [`build-platform : root → ${name}`];

describe('an output for developers in the place of a tool', () => {
  const outputs = ['out', 'dev'];
  const moves = (program: string): Readonly<Record<string, string>> => ({
    postInstall: `moveToOutput ${program} "$dev"`,
  });

  test('is harmless with nothing but …-config scripts', async () => {
    const env = moves('"bin/pcre-config"');
    assert.deepEqual(await asTool({ name: 'pcre-8', outputs, env }, { output: 'dev' }), note('pcre-8'));
    assert.deepEqual(await asTool({ name: 'pcre-8', outputs, env }), wrong('pcre-8'));
  });

  test('is none with other programs', async () => {
    for (const program of ['bin/moc', 'bin', '"bin/x-*"'])
      assert.deepEqual(
        await asTool({ name: 'a-8', outputs, env: moves(program) }, { output: 'dev' }),
        wrong('a-8'),
      );
    const all = { ...moves('bin/a-config'), outputBin: 'dev' };
    assert.deepEqual(await asTool({ name: 'a-8', outputs, env: all }, { output: 'dev' }), wrong('a-8'));
    assert.deepEqual(await asTool({ name: 'a-8', outputs }, { output: 'dev' }), wrong('a-8'));
  });

  test('brings the tool itself along, which only a Python module does not start', async () => {
    const tool = { name: 'libxslt-1', outputs, env: moves('bin/xslt-config') };
    assert.deepEqual(await asTool(tool, { output: 'dev' }), wrong('libxslt-1'));
    const consumer = 'python3.8-lxml-4';
    assert.deepEqual(await asTool(tool, { output: 'dev', consumer }), note('libxslt-1', consumer));
  });

  test('is harmless as a library with a setup hook', async () => {
    const env = { setupHook: '/hook.sh' };
    assert.deepEqual(
      await asTool({ name: 'gdk-pixbuf-2', outputs, env }, { output: 'dev' }),
      note('gdk-pixbuf-2'),
    );
    assert.deepEqual(await asTool({ name: 'glib-2', outputs, env }, { output: 'dev' }), wrong('glib-2'));
    assert.deepEqual(await asTool({ name: 'python3-3.8', env }), wrong('python3-3.8'));
  });
});

test('a module of Perl that is not compiled works on every platform', async () => {
  assert.deepEqual(await asTool({ name: 'perl5.30.3-JSON-4.02' }), note('perl5.30.3-JSON-4.02'));
  assert.deepEqual(await asTool({ name: 'perl5.30.3-JSON-XS-4.02' }), wrong('perl5.30.3-JSON-XS-4.02'));
  const linked = await findingsIn(({ store, host }) => {
    const parser = store.add({
      name: 'perl5.30.3-Any-1',
      inputs: [host],
      env: { ...cross, buildInputs: host.out() },
    });
    const perl = store.add({ name: 'perl-5.30', env: native });
    const nativeBuildInputs = `${parser.out()} ${perl.out()}`;
    return store.add({ name: 'root', inputs: [parser, perl], env: { ...cross, nativeBuildInputs } });
  });
  assert.deepEqual(linked, wrong('perl5.30.3-Any-1'));
});

test('so does one of Python, but for those that are compiled or bring a program', async () => {
  const backend = 'python3.13-pdm-backend-2.4';
  assert.deepEqual(await asTool({ name: backend }), note(backend));
  for (const name of ['python3.13-numpy-2.1', 'python3.13-cython-3.1', 'python3.13-sphinx-8'])
    assert.deepEqual(await asTool({ name }), wrong(name));
  const linked = await findingsIn(({ store, host }) => {
    const module = store.add({
      name: backend,
      inputs: [host],
      env: { ...cross, propagatedBuildInputs: host.out() },
    });
    const python = store.add({ name: 'python3-3.13.1', env: native });
    const nativeBuildInputs = `${module.out()} ${python.out()}`;
    return store.add({ name: 'root', inputs: [module, python], env: { ...cross, nativeBuildInputs } });
  });
  assert.deepEqual(linked, wrong(backend));
});

describe('an image or a kernel of another system', () => {
  const found = (
    text: (image: string) => string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<string[]> =>
    findingsIn(({ store }) => {
      const image = store.add({ name: 'image', system: 'aarch64-darwin', env: native });
      const env = { ...native, buildCommand: 'mv "$textPath" "$out"', text: text(image.out()), ...more };
      return store.add({ name: 'root', inputs: [image], env });
    });

  test('is a note where it is handed on', async () => {
    for (const file of ['nixos.qcow2', 'bzImage', 'initrd', 'disk.img.zst', 'sd-image/x.iso'])
      assert.deepEqual(await found((image) => `qemu -hda ${image}/${file} -append init=${image}/init`), [
        'note plain-reference : root → image',
      ]);
  });

  test('is wrong where anything else of it is used', async () => {
    const wrongly = ['plain-reference : root → image'];
    assert.deepEqual(await found((image) => `qemu -kernel ${image}/bzImage; ${image}/bin/x`), wrongly);
    assert.deepEqual(await found((image) => `cp -r ${image} .`), wrongly);
  });
});

test('a build for i686-linux starts what runs on x86_64-linux, since its machine mostly is one', async () => {
  const found = (user: string, role: string, tool: string): Promise<string[]> =>
    findingsIn(({ store }) => {
      const compiler = store.add({ name: 'mingw-gcc-wrapper', env: native, system: tool });
      return store.add({
        name: 'wine',
        system: user,
        inputs: [compiler],
        env: { ...native, [role]: compiler.out() },
      });
    });
  const edge = 'build-platform : wine → mingw-gcc-wrapper';
  assert.deepEqual(await found('i686-linux', 'nativeBuildInputs', 'x86_64-linux'), [`note ${edge}`]);
  assert.deepEqual(await found('i686-linux', 'nativeBuildInputs', 'aarch64-linux'), [edge]);
  assert.deepEqual(await found('aarch64-linux', 'nativeBuildInputs', 'x86_64-linux'), [edge]);
  assert.deepEqual(await found('i686-linux', 'buildInputs', 'x86_64-linux'), [
    'host-platform : wine → mingw-gcc-wrapper',
  ]);
});
