/**
 * Where a store of this machine keeps its files, put before their own paths: a
 * "chroot store" holds `/nix/store/…` below a folder of its own (Nix manual,
 * "Local Store", `root`). Empty where they lie at their own paths, or where the
 * store is not of this machine, so that only Nix can read it.
 *
 * @param store as the setting `store` of Nix or `NIX_REMOTE` gives it
 */
export function folderOfStore(store: string): string {
  const [, path = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(store) ?? [];
  const folder = /^(?:local:\/\/)?(\/.+)$/s.exec(path)?.[1];
  if (folder !== undefined) return withoutSlash(folder);
  if (!/^(?:auto|daemon|local|local:\/\/|unix:\/\/.*)?$/s.test(path)) return '';
  return withoutSlash(new URLSearchParams(query).get('root') ?? '');
}

function withoutSlash(folder: string): string {
  return folder.replace(/\/+$/, '');
}
