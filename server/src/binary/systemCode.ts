import { parseSystem, type System } from '../model/system.ts';
import { labelOfCode, type CodeContainer, type NativeCode } from './nativeCode.ts';

/** Can what runs on the first system run on a machine of the second? */
export type CanRun = (host: System, machine: System) => boolean;

/** What native code has to look like to run somewhere. */
export type SystemCode = Pick<NativeCode, 'container' | 'processor'>;

const containers: Readonly<Record<string, CodeContainer>> = {
  linux: 'ELF',
  freebsd: 'ELF',
  netbsd: 'ELF',
  openbsd: 'ELF',
  solaris: 'ELF',
  illumos: 'ELF',
  redox: 'ELF',
  genode: 'ELF',
  none: 'ELF',
  darwin: 'Mach-O',
  macos: 'Mach-O',
  ios: 'Mach-O',
  watchos: 'Mach-O',
  tvos: 'Mach-O',
  windows: 'PE',
  cygwin: 'PE',
};

/** Processors that files tell apart, by the names that Nix has for them. */
const families: readonly (readonly [pattern: RegExp, family: string])[] = [
  [/^x86_64(?:-v[1-4])?$|^amd64$/, 'x86_64'],
  [/^i[3-6]86$/, 'i686'],
  [/^arm64$|^aarch64$/, 'aarch64'],
  [/^armv\d[a-z]*b$|^armeb$/, 'armeb'],
  [/^arm(?:v\d[a-z]*)?$/, 'arm'],
  [
    /^(?:aarch64_be|riscv(?:32|64)|powerpc(?:64)?(?:le)?|mips(?:64)?(?:el)?|s390x?|sparc(?:64)?|loongarch64|m68k|alpha|ia64|hppa|sh4|microblaze(?:el)?|or1k|arc|avr|msp430|xtensa)$/,
    '',
  ],
];

/** The names of Nix that a family stands for, where it is not its own. */
const members: Readonly<Record<string, readonly string[]>> = {
  arm: ['armv7l', 'armv7a', 'armv6l', 'armv5tel', 'arm'],
};

/** What code for a system looks like; undefined where it is no native code (wasi), or not known. */
export function codeOfSystem(system: System): SystemCode | undefined {
  const { processor, kernel } = parseSystem(system);
  const container = containers[kernel];
  const family = familyOf(processor);
  return container === undefined || family === undefined ? undefined : { container, processor: family };
}

function familyOf(processor: string): string | undefined {
  const known = families.find(([pattern]) => pattern.test(processor));
  return known && (known[1] || processor);
}

/** For people: `ELF x86-64`. */
export function labelOfSystem(system: System): string {
  const code = codeOfSystem(system);
  return code ? labelOfCode(code) : system;
}

/** In which respect code is for something else than a system. */
export type Mismatch = 'container' | 'processor' | 'kernel';

/**
 * Does one of a file's slices run on a machine of the system? Undefined where
 * it does, or where it is not known what code for that system looks like.
 */
export function findMismatch(
  slices: readonly NativeCode[],
  system: System,
  canRun: CanRun,
): Mismatch | undefined {
  const wanted = codeOfSystem(system);
  if (wanted === undefined) return undefined;
  const { kernel } = parseSystem(system);
  const runsOn = (processor: string): boolean =>
    processor === wanted.processor ||
    (members[processor] ?? [processor]).some((name) => canRun(`${name}-${kernel}`, system));
  const fitting = slices.filter(({ container }) => container === wanted.container);
  if (fitting.length === 0) return 'container';
  const running = fitting.filter(({ processor }) => runsOn(processor));
  if (running.length === 0) return 'processor';
  return running.some((slice) => slice.kernel === undefined || slice.kernel === kernel)
    ? undefined
    : 'kernel';
}
