import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNix32 } from '../../server/src/model/storePath.ts';

/** What a test says of a derivation; the rest is made up. */
export interface DerivationSpec {
  readonly name: string;
  readonly system?: string;
  readonly builder?: string;
  readonly args?: readonly string[];
  /** Values may name paths of other derivations: `store.add(…).out()`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly inputs?: readonly (StoredDerivation | readonly [StoredDerivation, ...string[]])[];
  /** Default: `['out']`. */
  readonly outputs?: readonly string[];
  /** What stands behind an output's path: hash algorithm and hash. */
  readonly outputHash?: readonly [algorithm: string, hash: string];
  /** The path of its one output, in the place of a made-up one. */
  readonly outPath?: string;
  /** Leaves the paths of the outputs out, as floating and deferred outputs have it. */
  readonly floating?: boolean;
}

export interface StoredDerivation {
  readonly drvPath: string;
  /** The path of an output. */
  readonly out: (name?: string) => string;
}

/** A folder with .drv files, written as Nix writes them, that is no store of Nix. */
export class SyntheticStore implements Disposable {
  readonly dir: string;
  /** Of the files that were written. */
  readonly paths: string[] = [];
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'lens-store-'));
    this.dir = join(this.#folder, 'store');
    mkdirSync(this.dir);
  }

  add(spec: DerivationSpec): StoredDerivation {
    const { drvPath, out, text } = this.describe(spec);
    writeFileSync(drvPath, text);
    this.paths.push(drvPath);
    return { drvPath, out };
  }

  /** The same without writing the file. */
  describe(spec: DerivationSpec): StoredDerivation & { readonly text: string } {
    const drvPath = this.#path(`${spec.name}.drv`);
    const out = (name = 'out'): string =>
      spec.outPath ?? this.#path(name === 'out' ? spec.name : `${spec.name}-${name}`);
    return { drvPath, out, text: textOf(spec, out) };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  #path(name: string): string {
    const hash = createHash('sha256').update(name).digest().subarray(0, 20);
    return join(this.dir, `${encodeNix32(hash)}-${name}`);
  }
}

function textOf(spec: DerivationSpec, out: (name: string) => string): string {
  const [algorithm, hash] = spec.outputHash ?? ['', ''];
  const outputs = (spec.outputs ?? ['out']).map((name) =>
    tuple(quote(name), quote(spec.floating === true ? '' : out(name)), quote(algorithm), quote(hash)),
  );
  const inputs = (spec.inputs ?? []).map((input) => {
    const [derivation, ...names] = isTuple(input) ? input : [input, 'out'];
    return tuple(quote(derivation.drvPath), list(names.map(quote)));
  });
  const env = Object.entries(spec.env ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  return `Derive(${[
    list(outputs),
    list(inputs),
    list([]),
    quote(spec.system ?? 'x86_64-linux'),
    quote(spec.builder ?? '/bin/sh'),
    list((spec.args ?? []).map(quote)),
    list(env.map(([name, value]) => tuple(quote(name), quote(value)))),
  ].join(',')})`;
}

function isTuple(
  input: StoredDerivation | readonly [StoredDerivation, ...string[]],
): input is readonly [StoredDerivation, ...string[]] {
  return Array.isArray(input);
}

function quote(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return `"${text.replace(/["\\\n\r\t]/g, (character) => escapes[character] ?? `\\${character}`)}"`;
}

function tuple(...elements: readonly string[]): string {
  return `(${elements.join(',')})`;
}

function list(elements: readonly string[]): string {
  return `[${elements.join(',')}]`;
}
