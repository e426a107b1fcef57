import type { Mismatch } from './systemCode.ts';
import type { NativeCode } from './nativeCode.ts';

/**
 * What a file of an output is there for, as far as its place says:
 * - `executable`, `library`: to be run where the output runs;
 * - `other`: whatever it is, nobody has to run it there.
 */
export type FileDuty = 'executable' | 'library' | 'other';

/** Where programs are looked for. */
const programFolder = /^(?:s?bin|libexec)\//;

/** Is this folder of a store path one where programs are looked for, or below one? */
export function isProgramFolder(folder: string): boolean {
  return programFolder.test(`${folder}/`);
}

const libraryName = /\.so(?:\.\d+)*$|\.dylib$|\.node$/;

/** Where code lies that something else loads: firmware, kernel modules, boot loaders, debug information, tests. */
const dataFolder =
  /^(?:share|boot|sysroot)\/|^lib(?:32|64)?\/(?:firmware|modules|debug|grub|systemd\/boot|pkgconfig)\/|(?:^|\/)(?:tests?|testdata|fixtures|testsuite|efi|EFI|[^/]*\.dSYM)\//;

/**
 * @param file relative to the store path; the store path's own name where it is a file itself
 * @param isExecutable one of its executable bits is set
 */
export function dutyOf(file: string, isExecutable: boolean): FileDuty {
  if (programFolder.test(file)) return 'executable';
  if (dataFolder.test(file)) return 'other';
  if (libraryName.test(file)) return 'library';
  return isExecutable ? 'executable' : 'other';
}

const containerWords: Readonly<Record<NativeCode['container'], string>> = {
  ELF: 'linux|freebsd|netbsd|openbsd|android|musl|gnu|elf',
  'Mach-O': 'darwin|macos|macosx|mac|osx|apple|ios',
  PE: 'windows|win|win32|win64|mingw|mingw32|msvc|wine',
};

const processorWords: Readonly<Record<string, string>> = {
  x86_64: 'x86_64|x86-64|x64|amd64',
  i686: 'i[3-6]86|x86|ia32|lib32',
  aarch64: 'aarch64|arm64|armv8',
  arm: 'arm|armhf|armel|armv[5-7][a-z]*',
};

/**
 * Does the file's place say itself that it is for something else? Packages
 * carry code for many platforms in folders that are named after them
 * (`prebuilds/darwin-x64`, `aarch64-unknown-linux-gnu/lib`). The name of a
 * program says nothing: `aarch64-linux-gnu-gcc` is for whoever compiles.
 */
export function isNamedAfter(file: string, slices: readonly NativeCode[], mismatch: Mismatch): boolean {
  const slash = file.lastIndexOf('/');
  const told = programFolder.test(file) ? file.slice(file.indexOf('/') + 1, Math.max(slash, 0)) : file;
  return slices.some(({ container, processor, kernel }) => {
    const words =
      mismatch === 'container'
        ? containerWords[container]
        : mismatch === 'processor'
          ? (processorWords[processor] ?? escaped(processor))
          : escaped(kernel ?? '');
    return new RegExp(`(?:^|[^a-z0-9])(?:${words})(?:$|[^a-z])`, 'i').test(told);
  });
}

function escaped(word: string): string {
  return word.replace(/[^\w]/g, '\\$&');
}
