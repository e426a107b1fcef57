import type { FlakeMetadata } from './flakeMetadata.ts';

/** A flake that lies on this machine. */
export interface LocalFlakeSource {
  /** The directory that the person edits: a repository's or the flake's own. */
  readonly root: string;
  /** The folder of flake.nix below it, or empty. */
  readonly subdirectory: string;
}

/** Where a flake on this machine lies; undefined for one that is fetched. */
export function localFlakeSource({ url }: FlakeMetadata): LocalFlakeSource | undefined {
  const [, path, query] = /^(?:git\+file:\/\/|path:)([^?]*)(?:\?(.*))?$/.exec(url) ?? [];
  if (!path?.startsWith('/')) return undefined;
  return {
    root: decodeURIComponent(path).replace(/(?<=.)\/$/, ''),
    subdirectory: new URLSearchParams(query ?? '').get('dir') ?? '',
  };
}
