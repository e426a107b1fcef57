import type { System } from '../model/system.ts';

/** The systems that nixpkgs builds for (its `lib.systems.flakeExposed`, the common ones). */
const commonSystems: readonly System[] = ['x86_64-linux', 'aarch64-linux', 'x86_64-darwin', 'aarch64-darwin'];

/** The system double of the machine that the server runs on, as Nix's `configure` would name it. */
export function thisMachinesSystem(): System {
  const processors: Partial<Record<NodeJS.Architecture, string>> = {
    x64: 'x86_64',
    arm64: 'aarch64',
    ia32: 'i686',
    arm: 'armv7l',
    riscv64: 'riscv64',
    ppc64: 'powerpc64le',
  };
  return `${processors[process.arch] ?? process.arch}-${process.platform === 'win32' ? 'windows' : process.platform}`;
}

/** Systems to offer for "evaluate as", this machine's first. */
export function offeredSystems(others: Iterable<System>): System[] {
  return [...new Set([thisMachinesSystem(), ...commonSystems, ...others])].filter(
    (system) => system !== 'builtin',
  );
}
