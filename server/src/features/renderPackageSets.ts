import { basename } from 'node:path';
import type { SourceRange } from '../model/location.ts';
import type { ObservedPackageSet, PackageSetPlatforms } from '../model/observation.ts';
import { code, escapeMarkdown } from './editorMessages.ts';

/** What package sets of one expression are built on and for, and where their name was bound. */
export function renderPackageSets(sets: readonly ObservedPackageSet[]): string {
  const platforms = new Set(sets.flatMap((set) => set.platforms).map(renderPlatforms));
  const places = new Set(
    sets.flatMap(({ boundAt }) => (boundAt.length > 0 ? [boundAt.map(place).join(', from ')] : [])),
  );
  const bound = places.size > 0 ? `, bound at ${[...places].join(' and ')}` : '';
  return `packages that are ${[...platforms].join(', and ones that are ')}${bound}`;
}

function renderPlatforms({ build, host, target }: PackageSetPlatforms): string {
  const compilers = target === host ? '' : ` (their compilers make code for ${code(target)})`;
  return `built on ${code(build)} and run on ${code(host)}${compilers}`;
}

function place({ file, range }: SourceRange): string {
  return escapeMarkdown(`${basename(file)}:${range.start.line + 1}:${range.start.character + 1}`);
}
