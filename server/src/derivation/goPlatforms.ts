import { parseSystem, type System } from '../model/system.ts';

/** Nix's names of processors by Go's (Go source, `internal/platform`); its `arm` is more than one of them. */
const processors: ReadonlyMap<string, string> = new Map([
  ['amd64', 'x86_64'],
  ['386', 'i686'],
  ['arm64', 'aarch64'],
  ['riscv64', 'riscv64'],
  ['ppc64le', 'powerpc64le'],
  ['s390x', 's390x'],
  ['loong64', 'loongarch64'],
]);

/**
 * The system that `GOARCH` and `GOOS` name.
 *
 * @returns undefined where one is missing, or is no platform of Nix
 */
export function systemOfGo(architecture: string | undefined, kernel: string | undefined): System | undefined {
  const processor = architecture === undefined ? undefined : processors.get(architecture);
  return processor === undefined || kernel === undefined ? undefined : `${processor}-${kernel}`;
}

/** Does `GOARCH`, or `GOOS`, name another platform than a system? */
export function isOtherForGo(
  architecture: string | undefined,
  kernel: string | undefined,
  system: System,
): boolean {
  const own = parseSystem(system);
  const isOtherProcessor =
    architecture === 'arm'
      ? !own.processor.startsWith('arm')
      : architecture !== undefined && (processors.get(architecture) ?? architecture) !== own.processor;
  return isOtherProcessor || (kernel !== undefined && kernel !== own.kernel);
}
