import type { SourceRange } from '../model/location.ts';
import type { EvaluationArguments, EvaluationTarget } from '../model/target.ts';
import type { FoundTarget } from '../evaluation/targets.ts';
import { labelOfSetting, targetOfSetting, type TargetSetting } from '../evaluation/targetSetting.ts';
import type { TargetEntry } from './snapshot.ts';

/**
 * All targets to choose from: those of the settings first, then those that were found.
 *
 * @param places where the settings' targets stand in their files, by key
 */
export function listTargets(
  settings: readonly TargetSetting[],
  found: readonly FoundTarget[],
  workspaceRoots: readonly string[],
  places: ReadonlyMap<string, SourceRange>,
): TargetEntry[] {
  const entries = new Map<string, TargetEntry>();
  for (const setting of settings) {
    const target = targetOfSetting(setting, workspaceRoots[0] ?? '.');
    const key = targetKey(target);
    const source = places.get(key);
    entries.set(key, {
      key,
      target,
      label: labelOfSetting(setting),
      description: 'from the settings',
      ...(source && { source }),
    });
  }
  for (const candidate of found) {
    const key = targetKey(candidate.target);
    if (!entries.has(key)) entries.set(key, { ...candidate, key });
  }
  return [...entries.values()];
}

/** A string that is the same for the same target, in every session. */
export function targetKey(target: EvaluationTarget): string {
  switch (target.kind) {
    case 'file':
      return JSON.stringify([target.kind, target.file, target.attribute, argumentsKey(target.arguments)]);
    case 'flake':
      return JSON.stringify([target.kind, target.flake, target.attribute, argumentsKey(target.arguments)]);
    case 'expression': {
      const { kind, expression, directory, attribute } = target;
      return JSON.stringify([kind, expression, directory, attribute, argumentsKey(target.arguments)]);
    }
    case 'composed': {
      const { kind, composition, file, member, packageSet, source = null } = target;
      const key = [kind, composition, file, member, packageSet, source, argumentsKey(target.arguments)];
      return JSON.stringify(key);
    }
    case 'derivation':
      return JSON.stringify([target.kind, target.drvPath]);
  }
}

/**
 * The target to evaluate when nobody chose one: the settings' first; else the
 * first that was found in an open file; else the first of all.
 */
export function chooseTarget(
  entries: readonly TargetEntry[],
  settings: readonly TargetSetting[],
  openFiles: readonly string[],
): TargetEntry | undefined {
  if (settings.length > 0) return entries[0];
  const inOpenFile = entries.find(({ source }) => source && openFiles.includes(source.file));
  return inOpenFile ?? entries[0];
}

function argumentsKey({ arg, argstr, include, option }: EvaluationArguments): unknown[] {
  return [arg, argstr, include, option];
}
