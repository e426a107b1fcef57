/**
 * A Nix system double such as `x86_64-linux`: the name of a machine type on
 * which a builder runs (Nix manual, "Derivations", attribute `system`).
 */
export type System = string;

/**
 * Is this text a system double? All text that people or clients give as one is
 * asked, since it becomes an argument of Nix.
 */
export function isSystem(text: string): boolean {
  return /^[\w.+]+(-[\w.+]+)+$/.test(text);
}

/** The two halves of a system double. */
export interface SystemParts {
  /** `x86_64`, `aarch64`, `i686`, … */
  readonly processor: string;
  /** `linux`, `darwin`, `windows`, …; empty where the name has no dash (`builtin`). */
  readonly kernel: string;
}

/** Splits a system double at its last dash: `x86_64-v3-linux` has the processor `x86_64-v3`. */
export function parseSystem(system: System): SystemParts {
  const dash = system.lastIndexOf('-');
  if (dash < 0) return { processor: system, kernel: '' };
  return { processor: system.slice(0, dash), kernel: system.slice(dash + 1) };
}

/**
 * How a machine copes with what was built for a host platform.
 * - `native`: it is the same system;
 * - `compatible`: the machine runs it directly, e.g. i686-linux on x86_64-linux;
 * - `emulated`: it runs where an emulator is allowed, e.g. Rosetta or QEMU by binfmt;
 * - `no`: `Exec format error`.
 */
export type Compatibility = 'native' | 'compatible' | 'emulated' | 'no';

/**
 * Can what runs on `host` run on a machine of the system `machine`? The rules
 * are Nix's own defaults for `extra-platforms` (Nix source, `globals.cc`,
 * `getDefaultExtraPlatforms`), which hold for every machine; `extraPlatforms`
 * is what `machine` runs besides, as far as it is known (this machine's
 * effective `extra-platforms`). What is of another family of processors runs by
 * an emulator only (NixOS manual, `boot.binfmt.emulatedSystems`, which sets them).
 */
export function runsOn(host: System, machine: System, extraPlatforms: readonly System[] = []): Compatibility {
  if (host === machine) return 'native';
  const wanted = parseSystem(host);
  const offered = parseSystem(machine);
  if (wanted.kernel === offered.kernel) {
    if (wanted.kernel === 'linux' && offered.processor.startsWith('x86_64')) {
      if (wanted.processor === 'i686' || x8664Linux.test(host)) return 'compatible';
    }
    if (wanted.kernel === 'darwin' && wanted.processor === 'x86_64' && offered.processor === 'aarch64') {
      return 'emulated';
    }
  }
  if (!extraPlatforms.includes(host)) return 'no';
  const isKin =
    wanted.kernel === offered.kernel && familyOf(wanted.processor) === familyOf(offered.processor);
  return isKin ? 'compatible' : 'emulated';
}

/** Processors of one family may run each other's programs directly, where the kernel and the model allow it. */
function familyOf(processor: string): string {
  if (/^(?:x86_64|i[3-6]86)/.test(processor)) return 'x86';
  if (/^(?:aarch64|arm)/.test(processor)) return 'arm';
  return /^[a-z]+/.exec(processor)?.[0] ?? processor;
}

/** The psABI levels are subsets of one instruction set; Nix names them like systems. */
const x8664Linux = /^x86_64(-v[1-4])?-linux$/;
