import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { BinaryFormat } from '../../server/src/binary/binaryFormat.ts';
import { readBinaryFormat } from '../../server/src/binary/readBinaryFormat.ts';
import { dutyOf, isNamedAfter } from '../../server/src/binary/fileDuty.ts';
import { labelOfSlices } from '../../server/src/binary/nativeCode.ts';
import { parseShebang } from '../../server/src/binary/shebang.ts';
import { codeOfSystem, findMismatch, labelOfSystem } from '../../server/src/binary/systemCode.ts';
import { runsOn } from '../../server/src/model/system.ts';
import { elf, fatMachO, machO, portableExecutable } from '../support/binaries.ts';

/** Parses bytes as if they were a file, whatever stretches the parser asks for. */
function formatOf(file: Uint8Array): BinaryFormat {
  const reader = readBinaryFormat();
  let step = reader.next();
  let reads = 0;
  while (step.done !== true) {
    assert.ok((reads += 1) < 20, 'it asks without end');
    const { offset, length } = step.value;
    step = reader.next(file.subarray(offset, offset + length));
  }
  return step.value;
}

const canRun = (host: string, machine: string): boolean => runsOn(host, machine) !== 'no';

function mismatch(file: Uint8Array, system: string) {
  const format = formatOf(file);
  assert.ok(format.kind === 'code', format.kind);
  return findMismatch(format.slices, system, canRun);
}

describe('ELF', () => {
  const machines: [label: string, spec: Parameters<typeof elf>[0], system: string][] = [
    ['ELF x86-64', { machine: 62 }, 'x86_64-linux'],
    ['ELF x86-64', { machine: 62, bits: 32 }, 'x86_64-linux'],
    ['ELF i386', { machine: 3, bits: 32 }, 'i686-linux'],
    ['ELF AArch64', { machine: 183 }, 'aarch64-linux'],
    ['ELF AArch64 (big-endian)', { machine: 183, bigEndian: true }, 'aarch64_be-linux'],
    ['ELF ARM', { machine: 40, bits: 32 }, 'armv7l-linux'],
    ['ELF ARM', { machine: 40, bits: 32 }, 'armv6l-linux'],
    ['ELF RISC-V 64', { machine: 243 }, 'riscv64-linux'],
    ['ELF RISC-V 32', { machine: 243, bits: 32 }, 'riscv32-linux'],
    ['ELF PowerPC 64 (little-endian)', { machine: 21 }, 'powerpc64le-linux'],
    ['ELF PowerPC 64', { machine: 21, bigEndian: true }, 'powerpc64-linux'],
    ['ELF MIPS (little-endian)', { machine: 8, bits: 32 }, 'mipsel-linux'],
    ['ELF MIPS 64 (little-endian)', { machine: 8, bits: 32, flags: 0x20 }, 'mips64el-linux'],
    ['ELF s390x', { machine: 22, bigEndian: true }, 's390x-linux'],
    ['ELF LoongArch 64', { machine: 258 }, 'loongarch64-linux'],
    ['ELF avr', { machine: 83, bits: 32 }, 'avr-none'],
  ];
  for (const [label, spec, system] of machines) {
    test(`${label} (${spec.bits ?? 64} bits) is code for ${system}, and for no other processor`, () => {
      const file = elf(spec);
      const format = formatOf(file);
      assert.ok(format.kind === 'code');
      assert.equal(labelOfSlices(format.slices), label);
      assert.equal(mismatch(file, system), undefined);
      for (const [, , other] of machines) {
        const isSame = codeOfSystem(other)?.processor === codeOfSystem(system)?.processor;
        const runs = isSame || canRun(system, other);
        assert.equal(mismatch(file, other), runs ? undefined : 'processor', other);
      }
      assert.equal(mismatch(file, 'x86_64-darwin'), 'container');
      assert.equal(mismatch(file, 'x86_64-windows'), 'container');
    });
  }

  test('compatible systems are right, and the reverse is not', () => {
    const i386 = elf({ machine: 3, bits: 32 });
    for (const level of ['x86_64-linux', 'x86_64-v3-linux']) assert.equal(mismatch(i386, level), undefined);
    assert.equal(mismatch(elf({ machine: 62 }), 'x86_64-v4-linux'), undefined);
    assert.equal(mismatch(elf({ machine: 62 }), 'i686-linux'), 'processor');
    const emulated = (host: string, machine: string): boolean =>
      runsOn(host, machine, ['armv7l-linux']) !== 'no';
    const arm = formatOf(elf({ machine: 40, bits: 32 }));
    assert.ok(arm.kind === 'code');
    assert.equal(findMismatch(arm.slices, 'aarch64-linux', emulated), undefined);
    assert.equal(findMismatch(arm.slices, 'aarch64-linux', canRun), 'processor');
  });

  test('the kernel counts only where the header is certain of it', () => {
    assert.equal(mismatch(elf({ machine: 62 }), 'x86_64-freebsd'), undefined);
    const certain: [Parameters<typeof elf>[0], string][] = [
      [{ machine: 62, osAbi: 9 }, 'x86_64-freebsd'],
      [{ machine: 62, osAbi: 2 }, 'x86_64-netbsd'],
      [{ machine: 62, osAbi: 12 }, 'x86_64-openbsd'],
      [{ machine: 62, osAbi: 3 }, 'x86_64-linux'],
      [{ machine: 62, interpreter: '/lib64/ld-linux-x86-64.so.2' }, 'x86_64-linux'],
      [{ machine: 62, interpreter: '/nix/store/x-musl/lib/ld-musl-x86_64.so.1' }, 'x86_64-linux'],
      [{ machine: 62, interpreter: '/libexec/ld-elf.so.1' }, 'x86_64-freebsd'],
      [{ machine: 62, interpreter: '/libexec/ld.elf_so' }, 'x86_64-netbsd'],
      [{ machine: 62, note: ['GNU', 1, 0, 3, 2, 0] }, 'x86_64-linux'],
      [{ machine: 62, note: ['GNU', 1, 3, 0, 0, 0] }, 'x86_64-freebsd'],
      [{ machine: 62, note: ['FreeBSD', 1, 1300000] }, 'x86_64-freebsd'],
      [{ machine: 62, note: ['NetBSD', 1, 1] }, 'x86_64-netbsd'],
      [{ machine: 40, bits: 32, bigEndian: true, note: ['GNU', 1, 0, 3, 2, 0] }, 'armeb-linux'],
    ];
    for (const [spec, system] of certain) {
      assert.equal(mismatch(elf(spec), system), undefined, system);
      const other = system.replace(/\w+$/, (kernel) => (kernel === 'linux' ? 'freebsd' : 'linux'));
      assert.equal(mismatch(elf(spec), other), 'kernel', `${JSON.stringify(spec)} on ${other}`);
    }
    // A build id is a note of GNU's, too, and says nothing of the kernel.
    assert.equal(mismatch(elf({ machine: 62, note: ['GNU', 3, 1, 2] }), 'x86_64-freebsd'), undefined);
  });

  test('an interpreter is found where the program headers lie far behind the header', () => {
    const interpreter = '/nix/store/x/lib/ld-linux-aarch64.so.1';
    for (const gap of [0, 5000, 100_000]) {
      const format = formatOf(elf({ machine: 183, interpreter, gap }));
      assert.ok(format.kind === 'code');
      assert.equal(format.loader, interpreter);
    }
  });

  test('objects are no programs; BPF and code for graphics cards are for no machine of their own', () => {
    const object = formatOf(elf({ machine: 62, type: 1 }));
    assert.ok(object.kind === 'code');
    assert.equal(object.use, 'object');
    for (const machine of [0, 190, 224, 247])
      assert.equal(formatOf(elf({ machine, type: 1 })).kind, 'data', String(machine));
  });

  test('real ones: this Node, and what it is loaded by', () => {
    const format = formatOf(readFileSync(process.execPath));
    assert.ok(format.kind === 'code');
    assert.match(labelOfSlices(format.slices), /^(?:ELF|Mach-O) /);
    assert.equal(format.use, 'linked');
    const expected = `${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-${process.platform}`;
    assert.equal(findMismatch(format.slices, expected, canRun), undefined);
    if (process.platform === 'linux') assert.match(format.loader ?? '', /\/ld-/);
  });

  test('cut off anywhere, it is said to be cut off or read as far as it goes, and never fails', () => {
    const whole = elf({ machine: 62, interpreter: '/lib64/ld-linux-x86-64.so.2', note: ['GNU', 1, 0] });
    for (let length = 0; length < whole.length; length++) {
      const { kind } = formatOf(whole.subarray(0, length));
      assert.ok(
        length < 4 ? kind === 'other' : kind === 'truncated' || kind === 'code',
        `${length}: ${kind}`,
      );
    }
    assert.equal(formatOf(whole.subarray(0, 40)).kind, 'truncated');
  });

  test('offsets and sizes beyond all measure do no harm', () => {
    for (const at of [32, 40, 54, 56]) {
      const file = elf({ machine: 62, interpreter: '/x' });
      file.fill(0xff, at, at + 2);
      assert.ok(['truncated', 'code'].includes(formatOf(file).kind), String(at));
    }
    const huge = elf({ machine: 62 });
    huge.fill(0xff, 32, 40);
    assert.equal(formatOf(huge).kind, 'truncated');
  });
});

describe('Mach-O', () => {
  test('thin files of both sizes and byte orders', () => {
    assert.equal(mismatch(machO('x86_64'), 'x86_64-darwin'), undefined);
    assert.equal(mismatch(machO('x86_64'), 'aarch64-darwin'), undefined, 'Rosetta');
    assert.equal(mismatch(machO('arm64'), 'aarch64-darwin'), undefined);
    assert.equal(mismatch(machO('arm64'), 'x86_64-darwin'), 'processor');
    assert.equal(mismatch(machO('ppc'), 'powerpc-darwin'), undefined);
    assert.equal(mismatch(machO('i386'), 'x86_64-darwin'), 'processor');
    assert.equal(mismatch(machO('x86_64'), 'x86_64-linux'), 'container');
  });

  test('a universal binary runs where one of its slices does', () => {
    const format = formatOf(fatMachO('x86_64', 'arm64'));
    assert.ok(format.kind === 'code');
    assert.equal(labelOfSlices(format.slices), 'Mach-O universal (x86_64, arm64)');
    assert.equal(mismatch(fatMachO('x86_64', 'arm64'), 'x86_64-darwin'), undefined);
    assert.equal(mismatch(fatMachO('i386', 'ppc'), 'aarch64-darwin'), 'processor');
    assert.equal(formatOf(fatMachO('x86_64', 'arm64').subarray(0, 20)).kind, 'truncated');
  });

  test('a Java class begins like a universal binary and is none', () => {
    const javaClass = Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61, 0, 10]);
    assert.deepEqual(formatOf(javaClass), { kind: 'data', what: 'Java class' });
  });

  test('objects and debug information are no programs', () => {
    for (const type of [1, 10]) {
      const format = formatOf(machO('x86_64', type));
      assert.ok(format.kind === 'code');
      assert.equal(format.use, 'object', String(type));
    }
  });
});

describe('PE', () => {
  test('programs of Windows', () => {
    assert.equal(mismatch(portableExecutable(0x8664), 'x86_64-windows'), undefined);
    assert.equal(mismatch(portableExecutable(0xaa64), 'x86_64-windows'), 'processor');
    assert.equal(mismatch(portableExecutable(0x8664), 'x86_64-linux'), 'container');
  });

  test('what firmware or a .NET runtime loads is for no system', () => {
    assert.deepEqual(formatOf(portableExecutable(0x8664, { subsystem: 10 })), {
      kind: 'data',
      what: 'EFI program',
    });
    assert.deepEqual(formatOf(portableExecutable(0x14c, { isNet: true })), {
      kind: 'data',
      what: '.NET assembly',
    });
  });

  test('what only begins with MZ is nothing', () => {
    assert.equal(formatOf(Buffer.from('MZ'.padEnd(100, 'x'))).kind, 'other');
    assert.equal(formatOf(Buffer.from('MZ')).kind, 'other');
  });
});

test('data and text are neither', () => {
  assert.deepEqual(formatOf(Buffer.from('\0asm\x01\0\0\0')), { kind: 'data', what: 'WebAssembly' });
  assert.deepEqual(formatOf(Buffer.from('!<arch>\nx')), { kind: 'data', what: 'ar archive' });
  for (const text of ['', 'x', '#', '#!', '#!\n', '#! \n/bin/sh', '\x7fEL'])
    assert.equal(formatOf(Buffer.from(text)).kind, 'other', JSON.stringify(text));
});

test('shebangs', () => {
  const cases: [string, ReturnType<typeof parseShebang>][] = [
    ['#!/bin/sh\n', { interpreter: '/bin/sh' }],
    ['#! /bin/sh -e\nexit', { interpreter: '/bin/sh' }],
    ['#!/bin/sh', { interpreter: '/bin/sh' }],
    ['#!/bin/sh\r\n', { interpreter: '/bin/sh' }],
    ['#!/usr/bin/env bash\n', { interpreter: '/usr/bin/env', program: 'bash' }],
    ['#!/usr/bin/env -S python3 -u\n', { interpreter: '/usr/bin/env', program: 'python3' }],
    ['#!/usr/bin/env -Sbash -e\n', { interpreter: '/usr/bin/env', program: 'bash' }],
    ['#!/usr/bin/env -S -i A=1 -u B /x/perl\n', { interpreter: '/usr/bin/env', program: '/x/perl' }],
    ['#!/usr/bin/env\n', { interpreter: '/usr/bin/env' }],
    ['#!/nix/store/x/bin/notenv x\n', { interpreter: '/nix/store/x/bin/notenv' }],
    ['#!\n/bin/sh', undefined],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseShebang(Buffer.from(text)), expected, text);
});

test('what a file is there for is told by its place', () => {
  const cases: [file: string, isExecutable: boolean, duty: ReturnType<typeof dutyOf>][] = [
    ['bin/x', true, 'executable'],
    ['bin/x', false, 'executable'],
    ['libexec/deep/x', false, 'executable'],
    ['lib/libx.so.1.2', false, 'library'],
    ['lib/libx.dylib', false, 'library'],
    ['lib/node_modules/x/build/x.node', false, 'library'],
    ['lib/x/helper', true, 'executable'],
    ['lib/x/table', false, 'other'],
    ['share/qemu/firmware.elf', true, 'other'],
    ['lib/firmware/x.so', true, 'other'],
    ['lib/modules/6.1/kernel/x.ko', true, 'other'],
    ['lib/debug/.build-id/x.so', true, 'other'],
    ['lib/python3/test/data.so', false, 'other'],
    ['hello.sh', true, 'executable'],
  ];
  for (const [file, isExecutable, duty] of cases) assert.equal(dutyOf(file, isExecutable), duty, file);
});

test('a folder that is named after the platform of a file says that it is there on purpose', () => {
  const darwin = [{ container: 'Mach-O', processor: 'x86_64' }] as const;
  const arm = [{ container: 'ELF', processor: 'aarch64' }] as const;
  assert.ok(isNamedAfter('lib/node_modules/x/prebuilds/darwin-x64/x.node', darwin, 'container'));
  assert.ok(isNamedAfter('aarch64-unknown-linux-gnu/lib/libgcc_s.so', arm, 'processor'));
  assert.ok(isNamedAfter('lib/prebuilds/linux-arm64/x.node', arm, 'processor'));
  assert.ok(!isNamedAfter('lib/darwinia/libx.so', darwin, 'container'));
  assert.ok(!isNamedAfter('lib/libx.so', arm, 'processor'));
  assert.ok(!isNamedAfter('bin/aarch64-unknown-linux-gnu-gcc', arm, 'processor'));
  assert.ok(isNamedAfter('libexec/aarch64/x', arm, 'processor'));
});

test('systems without native code are judged by nothing', () => {
  for (const system of ['wasm32-wasi', 'javascript-ghcjs', 'unknown', 'mmix-mmixware']) {
    assert.equal(codeOfSystem(system), undefined, system);
    assert.equal(mismatch(elf({ machine: 62 }), system), undefined, system);
    assert.equal(labelOfSystem(system), system);
  }
});
