import type { Values } from './shellWords.ts';

/** Tells files that a derivation installs from those in its build folder. */
export class Destinations {
  readonly #installed: RegExp;
  readonly #outputPaths: readonly string[];

  /** @param outputs the derivation's outputs: name and, where it is known, path */
  constructor(outputs: readonly { readonly name: string; readonly path?: string }[]) {
    // What is for developers runs where they build (nixpkgs source, `patch-shebangs.sh`).
    const own = outputs.filter(({ name }) => name !== 'dev' || outputs.length === 1);
    const names = own.map(({ name }) => name.replace(/\W/g, ''));
    this.#installed = new RegExp(
      `^\\$(?:(?:${[...names, 'prefix'].join('|')})(?!\\w)|\\{(?:${[...names, 'prefix', '!outputBin', '!outputLib', '!output'].join('|')})\\})`,
    );
    this.#outputPaths = own.flatMap(({ path }) => path ?? []);
  }

  /** Do these name a file that is installed, and that is not only for later builds? */
  areInstalled(files: Values): boolean {
    return files.some(
      (file) =>
        (this.#installed.test(file) ||
          this.#outputPaths.some((path) => file.startsWith(path)) ||
          isPlaceholder(file)) &&
        !file.includes('/nix-support'),
    );
  }

  /** Is it certain that these are files of the build folder, or for later builds? */
  areElsewhere(files: Values): boolean {
    return files.every(
      (file) => file.includes('/nix-support') || (!this.areInstalled([file]) && !/^["']?[$/]/.test(file)),
    );
  }
}

/** What stands for the path of an output until it is known (Nix source, `hashPlaceholder`). */
function isPlaceholder(file: string): boolean {
  return /^\/[0-9a-df-np-sv-z]{52}(?![0-9a-z])/.test(file);
}
