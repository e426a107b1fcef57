import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCompilersInFiles, findStartedInFiles } from '../../server/src/shell/buildFiles.ts';

const programs = new Set(['xsltproc', 'protoc']);
const started = (name: string, text: string): string[] =>
  findStartedInFiles([{ name, text }], programs).map(({ variable, line }) => `${variable}:${line}`);
const compiled = (name: string, text: string): string[] =>
  findCompilersInFiles([{ name, text }]).map(({ variable, line }) => `${variable}:${line}`);

test('a program that a build file starts', () => {
  assert.deepEqual(started('Makefile', 'all: x.html\n\nx.html: x.xml\n\t@xsltproc x.xsl x.xml > $@\n'), [
    'src/Makefile:4',
  ]);
  assert.deepEqual(started('a/rules.mk', 'x:\n\t$(XSLTPROC) x.xsl\n'), ['src/a/rules.mk:2']);
  assert.deepEqual(started('Makefile.am', 'x:\n\tmkdir -p y && protoc x.proto\n'), ['src/Makefile.am:2']);
  assert.deepEqual(started('meson.build', "x = find_program('xsltproc')\n"), ['src/meson.build:1']);
  assert.deepEqual(
    started('CMakeLists.txt', 'find_program(XSLT xsltproc)\nprotobuf_generate_cpp(S H x.proto)\n'),
    ['src/CMakeLists.txt:1', 'src/CMakeLists.txt:2'],
  );
});

test('a program that a build file only mentions, or that no build asks for', () => {
  assert.deepEqual(started('Makefile', '# xsltproc\nall:\n\techo xsltproc\n'), []);
  for (const target of ['check', 'test-unit', 'docs', 'dist', 'release'])
    assert.deepEqual(started('Makefile', `${target}:\n\txsltproc x.xsl\n`), [], target);
  assert.deepEqual(started('configure.ac', 'AC_PATH_PROG([XSLTPROC], [xsltproc])\n'), []);
});

test('a compiler for the build platform that a build file needs', () => {
  assert.deepEqual(compiled('configure.ac', 'AC_PROG_CC\nAX_PROG_CC_FOR_BUILD\n'), ['src/configure.ac:2']);
  assert.deepEqual(compiled('meson.build', "g = executable('gen', 'gen.c', native: true)\n"), [
    'src/meson.build:1',
  ]);
  assert.deepEqual(compiled('scripts/Makefile', 'hostprogs-y := fixdep\n'), ['src/scripts/Makefile:1']);
  assert.deepEqual(compiled('Makefile', 'gen: gen.c\n\t$(HOSTCC) -o $@ gen.c\n'), ['src/Makefile:2']);
});

test('a build file that needs none', () => {
  assert.deepEqual(compiled('meson.build', "p = find_program('perl', native: true)\n"), []);
  assert.deepEqual(compiled('Makefile', 'HOSTCC = $(CC)\ngen: gen.c\n\t$(HOSTCC) -o $@ gen.c\n'), []);
  assert.deepEqual(compiled('Makefile', 'hostprogs :=\n\t$(CC) x.c\n'), []);
});
