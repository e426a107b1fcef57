import { ShownLines } from './buildUses.ts';
import type { InstalledUse } from './installedUses.ts';
import { holdsFlags } from './programVariables.ts';
import type { WantedPaths } from './wantedPaths.ts';

/** `SHELL_PATH=…/bin/sh`: the kind is what stands behind the last `_`. */
const flag =
  /(?<![\w-])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)_(PATH|BIN|CMD|COMMAND|EXE|PROG|PROGRAM)=["']?(\/[^\s"']*)/g;

/**
 * Finds flags that name a program of one platform beside a flag of the same
 * kind that names one of the other: `SHELL_PATH=${stdenv.shell}` beside
 * `PERL_PATH=${perl}/bin/perl`. Such paths are written into what is installed.
 *
 * @param wanted what runs on the build platform
 * @param right what runs on the host platform
 */
export function findFlagsBeside(
  variable: string,
  value: string,
  wanted: WantedPaths,
  right: WantedPaths,
): InstalledUse[] {
  if (!holdsFlags(variable) || !wanted.isIn(value) || !right.isIn(value)) return [];
  const lines = new ShownLines(value);
  const flags = [...value.matchAll(flag)].map(([, name = '', kind, path = ''], index, all) => ({
    name,
    kind,
    path,
    start: all[index]?.index ?? 0,
  }));
  return flags.flatMap(({ name, kind, path, start }): InstalledUse[] => {
    const found = wanted.atStartOf(path);
    const isForBuild = /(?:^|_)(?:BUILD|HOST|NATIVE)(?:_|$)/.test(name);
    const isBeside = flags.some((other) => other.kind === kind && right.atStartOf(other.path) !== undefined);
    if (found === undefined || isForBuild || !isBeside) return [];
    const line = value.slice(0, start).split('\n').length;
    return [{ kind: 'flag', path: found, variable, line, text: lines.at(line) }];
  });
}
