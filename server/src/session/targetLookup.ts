import type { Position } from '../model/location.ts';
import { fileOfUri } from '../snapshot/documents.ts';
import { targetAt } from '../snapshot/targetAt.ts';
import type { FoundTarget } from '../targets/search/found.ts';
import { NoSuchTargetError } from './noSuchTarget.ts';
import type { StateStore } from './stateStore.ts';
import { knownTargets } from './targetCatalogue.ts';
import type { TargetSearch } from './targetSearch.ts';

/**
 * The key of the target whose attribute is at a position; looks for it.
 *
 * @param signal ends the search
 * @throws NoSuchTargetError when nothing there can be evaluated
 */
export async function keyOfTargetAt(
  uri: string,
  position: Position,
  store: StateStore,
  search: TargetSearch,
  signal: AbortSignal | undefined,
): Promise<string> {
  const file = fileOfUri(uri);
  // As soon as the file itself has been looked into; the search goes on for the others.
  await new Promise<void>((resolve, reject) => {
    const tell = (): void => {
      if (store.snapshot.searched.some(({ targets }) => targets.some(isIn(file)))) resolve();
    };
    search.find(signal, tell).then(resolve, reject);
  });
  const { snapshot } = store;
  const entry =
    file === undefined
      ? undefined
      : targetAt({ ...snapshot, targets: knownTargets(snapshot) }, file, position);
  if (entry) return entry.key;
  if (signal?.aborted) throw new NoSuchTargetError('The search for the target was cancelled.');
  throw new NoSuchTargetError(
    'No evaluation target was found at this place. Name one in the setting nixPlatformLens.targets, ' +
      'with its file and its attribute path.',
  );
}

function isIn(file: string | undefined): (found: FoundTarget) => boolean {
  return ({ source, target }) => source?.file === file || (target.kind === 'file' && target.file === file);
}
