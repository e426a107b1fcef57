import type { EvaluationTarget } from '../model/target.ts';
import { folderOfStore } from './storeFolder.ts';
import type { NixEnvironment } from './nixEnvironment.ts';

/** The store that a target is evaluated into. */
export interface TargetStore {
  /** As Nix names it. */
  readonly name: string;
  /** Put before store paths to find their files; empty where these lie at their own paths. */
  readonly folder: string;
  /** Has other programs of Nix ask the same store. */
  readonly options: readonly string[];
}

/** The store that Nix's settings and `NIX_REMOTE` name. */
export function usualStore({ configuration: { store } }: NixEnvironment): TargetStore {
  return { name: store, folder: folderOfStore(store), options: [] };
}

/** By the target's own option, else by Nix's settings and `NIX_REMOTE`. */
export function storeOfTarget(target: EvaluationTarget, environment: NixEnvironment): TargetStore {
  const given = target.kind === 'derivation' ? [] : target.arguments.option;
  const asked = given.findLast(([name]) => name === 'store')?.[1];
  if (asked === undefined) return usualStore(environment);
  return { name: asked, folder: folderOfStore(asked), options: ['--option', 'store', asked] };
}
