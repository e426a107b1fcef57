import { ShownLines } from './buildUses.ts';
import type { InstalledUse } from './installedUses.ts';
import { holdsFlags } from './programVariables.ts';
import type { WantedPaths } from './wantedPaths.ts';

/** An option of `configure`, or a variable that is called after who uses the shell: `--with-shell=…`, `X_SHELL=…`. */
const option = /(?<![\w-])(?:--(?:with|enable)-([\w-]+)|([A-Z][A-Z0-9_]*_SHELL))=["']?(\/[^\s"']*)/g;
/** The shell that configure and make start themselves. */
const forBuild = /(?:^|[-_])(?:build|host|native|config|make|recipe)(?:[-_]|$)/i;

/**
 * Finds flags that name a shell of a wanted path as the one that is to be used
 * by what is built: a build takes its own shell by no such option.
 */
export function findKeptShells(variable: string, value: string, wanted: WantedPaths): InstalledUse[] {
  if (!holdsFlags(variable) || !wanted.isIn(value)) return [];
  const lines = new ShownLines(value);
  return value.split('\n').flatMap((text, index) =>
    [...text.matchAll(option)].flatMap(([, ofConfigure = '', ofMake = '', path = '']): InstalledUse[] => {
      const shell = wanted.atStartOf(path);
      if (shell === undefined || !/\/bin\/(?:ba|da|k|z|a)?sh$/.test(shell.inner)) return [];
      if (forBuild.test(ofConfigure) || forBuild.test(ofMake)) return [];
      return [{ kind: 'option', path: shell, variable, line: index + 1, text: lines.at(index + 1) }];
    }),
  );
}
