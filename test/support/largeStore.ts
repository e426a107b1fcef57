import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeNix32 } from '../../server/src/model/storePath.ts';
import { SyntheticStore, type DerivationSpec, type StoredDerivation } from './syntheticStore.ts';

export interface LargeStoreSizes {
  /** Of the workspace. */
  readonly files: number;
  readonly leaks: number;
  /** About so many, in layers of 1,000. */
  readonly derivations: number;
}

type DerivationOfDerivations = Omit<DerivationSpec, 'inputs'> & {
  readonly inputs: readonly StoredDerivation[];
};

/** Derivations of one layer; each uses some of the layer below. */
const perLayer = 1000;

/**
 * A workspace whose expressions take their packages from a store of its own, in
 * which a large closure lies already: it is registered there, not evaluated, so
 * that it takes seconds to make. One half of the files with a leak takes its
 * package from one set for another system, the other half makes such a set each.
 */
export class LargeStore implements Disposable {
  readonly root: string;
  /** For whoever starts Nix: its store, its database. */
  readonly env: NodeJS.ProcessEnv;
  /** Names of the files, the target's first, then those with a leak. */
  readonly names: readonly string[];
  /** For what a server keeps. */
  readonly cache: string;
  readonly #folder: string;
  readonly #store = new SyntheticStore();
  /** Of derivations, by their paths, as those that use them are hashed with them. */
  readonly #hashes = new Map<string, string>();

  constructor({ files, leaks, derivations }: LargeStoreSizes) {
    this.#folder = mkdtempSync(join(tmpdir(), 'npl-large-'));
    this.root = join(this.#folder, 'workspace');
    this.cache = join(this.#folder, 'cache');
    this.env = {
      ...process.env,
      NIX_STORE_DIR: this.#store.dir,
      NIX_STATE_DIR: join(this.#folder, 'var'),
      NIX_LOG_DIR: join(this.#folder, 'log'),
    };
    const packages = this.#addLayers(Math.ceil(derivations / perLayer));
    const foreign = this.#addForeign(leaks);
    this.#register();
    const list = (stored: readonly StoredDerivation[]): string =>
      `[\n${stored.map(({ drvPath }) => `  "${drvPath}"`).join('\n')}\n]\n`;
    // Beside the workspace: nobody has written these.
    this.#write('packages.nix', list(packages));
    this.#write('foreign.nix', list(foreign));
    this.#write(
      'set.nix',
      `{ system }:
let
  paths = import (if system == "x86_64-linux" then ./packages.nix else ./foreign.nix);
in
{ get = n: import (builtins.elemAt paths n); }
`,
    );
    const parts = Array.from({ length: files - 1 }, (_, n) => `parts/part-${n}.nix`);
    for (const [n, name] of parts.entries()) this.#write(`workspace/${name}`, partText(n, leaks));
    this.#write('workspace/default.nix', rootText(parts));
    this.names = ['default.nix', ...parts];
  }

  file(name: string): string {
    return join(this.root, name);
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @returns the derivations of the last layer, which have all others in their closures */
  #addLayers(count: number): StoredDerivation[] {
    let below: StoredDerivation[] = [];
    for (let layer = 0; layer < count; layer++) {
      below = Array.from({ length: perLayer }, (_, n) =>
        this.#add(`package-${layer}-${n}`, 'x86_64-linux', below, [n, n + 1, n + 10, 7 * n, 13 * n + 5]),
      );
    }
    return below;
  }

  #addForeign(count: number): StoredDerivation[] {
    const base = this.#add('foreign-base', 'x86_64-darwin', [], []);
    return Array.from({ length: count }, (_, n) => this.#add(`foreign-${n}`, 'x86_64-darwin', [base], [0]));
  }

  #add(
    name: string,
    system: string,
    below: readonly StoredDerivation[],
    places: readonly number[],
  ): StoredDerivation {
    const used = places.flatMap((place) => below[place % below.length] ?? []);
    const inputs = [...new Set(used)].sort((one, other) => (one.drvPath < other.drvPath ? -1 : 1));
    const env = {
      name,
      buildInputs: inputs.map((input) => input.out()).join(' '),
      buildPhase: 'echo "a line of a build script" >> $out/log\n'.repeat(22),
    };
    const outPath = this.#outputPath(name, { name, system, inputs, env });
    return this.#store.add({ name, system, inputs, env: { ...env, out: outPath }, outPath });
  }

  /** As Nix computes it (`hashDerivationModulo`, `makeOutputPath`), which verifies it. */
  #outputPath(name: string, spec: DerivationOfDerivations): string {
    const hashed = spec.inputs.map((input) => ({ ...input, drvPath: this.#hashes.get(input.drvPath) ?? '' }));
    hashed.sort((one, other) => (one.drvPath < other.drvPath ? -1 : 1));
    const hashOf = (outPath: string): string => {
      const env = { ...spec.env, out: outPath };
      const { text } = this.#store.describe({ ...spec, inputs: hashed, env, outPath });
      return createHash('sha256').update(text).digest('hex');
    };
    const fingerprint = `output:out:sha256:${hashOf('')}:${this.#store.dir}:${name}`;
    const digest = createHash('sha256').update(fingerprint).digest();
    const folded = digest.subarray(0, 20).map((byte, at) => byte ^ (at < 12 ? (digest[at + 20] ?? 0) : 0));
    const path = join(this.#store.dir, `${encodeNix32(folded)}-${name}`);
    this.#hashes.set(this.#store.describe(spec).drvPath, hashOf(path));
    return path;
  }

  /** Tells Nix that the files of the store are valid paths. */
  #register(): void {
    // What they are is not asked for: no hash is verified, nothing is copied.
    const hash = createHash('sha256').digest('hex');
    const lines = this.#store.paths.flatMap((path) => [path, hash, '100', '', '0']);
    execFileSync('nix-store', ['--load-db'], { env: this.env, input: `${lines.join('\n')}\n` });
  }

  #write(name: string, text: string): void {
    const file = join(this.#folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function partText(n: number, leaks: number): string {
  const own = `(import ../../set.nix { system = "x86_64-darwin"; })`;
  const tool = n >= leaks ? `set.get ${(n + 1) % perLayer}` : `${n % 2 === 0 ? 'mac' : own}.get ${n}`;
  return `{ set, mac }:
let
  tool = ${tool};
  library = set.get ${n % perLayer};
in
derivation {
  name = "part-${n}";
  system = "x86_64-linux";
  builder = "/bin/sh";
  nativeBuildInputs = [ tool ];
  buildInputs = [ library ${n % 2 === 0 ? `(mac.get 0)` : ''} ];
}
`;
}

function rootText(parts: readonly string[]): string {
  return `let
  set = import ../set.nix { system = "x86_64-linux"; };
  mac = import ../set.nix { system = "x86_64-darwin"; };
in
derivation {
  name = "root";
  system = "x86_64-linux";
  builder = "/bin/sh";
  buildInputs = [
${parts.map((name) => `    (import ./${name} { inherit set mac; })`).join('\n')}
  ];
}
`;
}
