import { NixFolder } from './nixFolder.ts';

export interface LargeWorkspace extends Disposable {
  readonly path: string;
  /** In the closure of its default.nix. */
  readonly derivations: number;
  /** Names of its files, the target's first. */
  readonly names: readonly string[];
  file(name: string): string;
}

const packages = 2000;

/** A closure of this size whose derivations have five inputs each, as those of real package sets. */
const set = `
let
  make = n: derivation {
    name = "package-\${toString n}-1.0";
    system = if n > 9 && n < 13 then "x86_64-darwin" else "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-c" "echo built > $out" ];
    buildInputs = if n < 8 then [ ] else map (i: builtins.elemAt packages (n / (i + 1))) [ 1 2 ];
    nativeBuildInputs = if n < 8 then [ ] else map (i: builtins.elemAt packages (n - i)) [ 1 7 ];
  };
  packages = builtins.genList make ${packages};
in n: builtins.elemAt packages n
`;

/** A workspace of so many files, each with a derivation that needs two packages of a large set. */
export function largeWorkspace(files = 100): LargeWorkspace {
  const parts = Array.from({ length: files - 1 }, (_, n) => `parts/part-${n}.nix`);
  const part = (n: number): string => `{ get }:
let
  tool = get ${packages - 1 - n};
  library = get ${n};
in
derivation {
  name = "part-${n}";
  system = "x86_64-linux";
  builder = "/bin/sh";
  nativeBuildInputs = [ tool ];
  buildInputs = [ library (get ${n + 100}) ];
}
`;
  const calls = parts.map((name) => `    (import ./${name} { inherit get; })`).join('\n');
  const root = `let
  get = import ../set.nix;
in
derivation {
  name = "root";
  system = "x86_64-linux";
  builder = "/bin/sh";
  buildInputs = [
${calls}
  ];
}
`;
  const folder = new NixFolder({
    'set.nix': set,
    'workspace/default.nix': root,
    ...Object.fromEntries(parts.map((name, n) => [`workspace/${name}`, part(n)])),
  });
  return {
    path: folder.file('workspace'),
    derivations: packages + files,
    names: ['default.nix', ...parts],
    file: (name) => folder.file(`workspace/${name}`),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
