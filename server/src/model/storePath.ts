/** Length of the hash part of a store path's base name (Nix manual, "Store Path"). */
export const hashLength = 32;

/** The store directory of a store path: everything before the last slash. */
export function storeDirOf(storePath: string): string {
  return storePath.slice(0, storePath.lastIndexOf('/'));
}

/** The 32 characters by which a store path is known within its store. */
export function hashPartOf(storePath: string): string {
  const start = storePath.lastIndexOf('/') + 1;
  return storePath.slice(start, start + hashLength);
}

/** The name of a store path: `/nix/store/<hash>-hello-2.12` has `hello-2.12`. */
export function nameOf(storePath: string): string {
  return storePath.slice(storePath.lastIndexOf('/') + 1 + hashLength + 1);
}

/** The store path that an absolute path is, or lies in; undefined where it lies in no store. */
export function storePathIn(path: string): string | undefined {
  return /^\/(?:[^/]+\/)*?[0-9a-df-np-sv-z]{32}-[^/]+/.exec(path)?.[0];
}

/** The name of a derivation: that of its store path without `.drv`. */
export function derivationNameOf(drvPath: string): string {
  const name = nameOf(drvPath);
  return name.endsWith('.drv') ? name.slice(0, -'.drv'.length) : name;
}

/**
 * The package's name in a derivation's: what stands before the first dash that
 * no letter follows (Nix manual, `builtins.parseDrvName`).
 */
export function packageNameOf(derivationName: string): string {
  return /^(.*?)-(?![A-Za-z])./s.exec(derivationName)?.[1] ?? derivationName;
}

/** The name of an output's store path (Nix source, `outputPathName`). */
export function outputPathName(derivationName: string, outputName: string): string {
  return outputName === 'out' ? derivationName : `${derivationName}-${outputName}`;
}

/** Nix's base-32 alphabet: no `e`, `o`, `t` and `u`. */
const nix32Alphabet = '0123456789abcdfghijklmnpqrsvwxyz';

/** Encodes bytes as Nix does, last bits first (Nix source, `printHash32`). */
export function encodeNix32(bytes: Uint8Array): string {
  const length = Math.ceil((bytes.length * 8) / 5);
  let text = '';
  for (let digit = length - 1; digit >= 0; digit--) {
    const bit = digit * 5;
    const index = bit >> 3;
    const shift = bit & 7;
    const low = bytes[index] ?? 0;
    const high = bytes[index + 1] ?? 0;
    text += nix32Alphabet.charAt(((low >> shift) | (high << (8 - shift))) & 31);
  }
  return text;
}
