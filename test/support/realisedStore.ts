import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { elf, machO } from './binaries.ts';

/** Programs for other machines, and one of this machine, by the name under which a build finds them. */
const programs: Readonly<Record<string, Buffer>> = {
  'mac-x86_64': machO('x86_64'),
  'mac-arm64': machO('arm64'),
  'elf-x86_64': elf({ machine: 62 }),
  'elf-aarch64': elf({ machine: 183 }),
  'elf-i686': elf({ machine: 3, bits: 32 }),
  'elf-cut': elf({ machine: 62 }).subarray(0, 30),
};

/**
 * Derivations whose builds are a line of shell, as nixpkgs marks native and
 * cross-compiled ones. `$files/NAME` is one of {@link programs}; `host` another
 * system than `system` makes it cross-compiled.
 */
const prelude = (salt: string): string => `
  let
    make = name: { system ? "x86_64-linux", host ? system, marked ? true, ... }@given:
      derivation ({
        name = name;
        inherit system;
        builder = "/bin/sh";
        args = [ "-c" "set -e; export PATH=/bin:/usr/bin; umask 022; install() { mkdir -p \\\${2%/*}; cp $1 $2; chmod +x $2; }; \${given.build}" ];
        files = ./files;
        salt = "${salt}";
      } // (if marked then { stdenv = "/stdenv"; } else { })
        // (if host == system then { } else { configureFlags = [ "--build=\${system}-gnu" "--host=\${builtins.replaceStrings [ "-linux" ] [ "-unknown-linux" ] host}-gnu" ]; })
        // removeAttrs given [ "system" "host" "marked" "build" ]);
  in
`;

/** A folder with an expression whose derivations can be built here, whatever their system. */
export class RealisedStore implements Disposable {
  readonly directory: string;
  readonly file: string;

  /** @param attributes of the expression's set, in Nix, made by \`make NAME { build = …; }\` */
  constructor(attributes: string) {
    this.directory = mkdtempSync(join(tmpdir(), 'npl-realised-'));
    this.file = join(this.directory, 'default.nix');
    for (const [name, bytes] of Object.entries(programs)) {
      const path = join(this.directory, 'files', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes, { mode: 0o755 });
    }
    // What one run has built, the next one must not find.
    writeFileSync(this.file, `${prelude(this.directory)} rec { ${attributes} }\n`);
  }

  /** Builds an attribute's outputs: their store paths, `out` first. */
  build(attribute: string): readonly string[] {
    const drvPath = this.run('nix-instantiate', [this.file, '-A', attribute]).replace(/!.*$/, '');
    const systems = ['x86_64-darwin', 'aarch64-darwin', 'aarch64-linux', 'i686-linux'].join(' ');
    const options = [
      ...['--option', 'sandbox', 'false', '--option', 'substitute', 'false'],
      ...['--option', 'build-users-group', '', '--option', 'extra-platforms', systems],
    ];
    // Nix prints them in the order of their hashes; `out` alone adds nothing to the name.
    const paths = this.run('nix-store', ['--realise', drvPath, ...options]).split('\n');
    return paths.sort((one, other) => one.length - other.length);
  }

  run(program: string, args: readonly string[]): string {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
