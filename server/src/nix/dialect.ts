import { refusalStyles, type BuildConfiguration, type RefusalStyle } from '../model/buildConfiguration.ts';
import { isAtLeast, type NixInstallation } from './installation.ts';
import type { EntryRules } from './machineEntries.ts';
import type { MachineRules } from './parseMachine.ts';

/** What differs between versions of Nix in how machines are read and builds refused. */
export interface Dialect extends Pick<BuildConfiguration, 'refusals'>, Pick<MachineRules, 'fractions'> {
  readonly entries: EntryRules;
}

/** From the tagged sources: `machines.cc`, `build-remote.cc`, and where a build is refused. */
export function dialectOf({ version, isLix }: Pick<NixInstallation, 'version' | 'isLix'>): Dialect {
  return {
    refusals: isLix ? 'lix' : refusalsOf(version),
    fractions: isAtLeast(version, 2, 20),
    entries: !isLix && readsByLine(version) ? 'by-line' : 'by-separator',
  };
}

/** Since 2.28.2, and in 2.24 since 2.24.15. */
function readsByLine(version: string): boolean {
  const patch = Number.parseInt(version.split('.')[2] ?? '0', 10);
  if (isAtLeast(version, 2, 29)) return true;
  if (isAtLeast(version, 2, 28)) return patch >= 2;
  return isAtLeast(version, 2, 24) && !isAtLeast(version, 2, 25) && patch >= 15;
}

function refusalsOf(version: string): RefusalStyle {
  const [oldest, ...newer] = refusalStyles;
  const styles = newer.filter((style) => style !== 'lix');
  const isIn = (style: string): boolean => {
    const [major = 0, minor = 0] = style.split('.').map(Number);
    return isAtLeast(version, major, minor);
  };
  return styles.findLast(isIn) ?? oldest;
}
