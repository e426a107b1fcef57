import { basename, dirname } from 'node:path';

import type { SourceRange } from '../model/location.ts';
import type { System } from '../model/system.ts';
import type { EvaluationArguments, EvaluationTarget } from '../model/target.ts';
import type { FoundTarget } from '../targets/search/found.ts';
import { labelOfSetting, targetOfSetting, type TargetSetting } from '../targets/targetSetting.ts';
import type { Snapshot, TargetEntry } from '../snapshot/snapshot.ts';
import { workspaceFolders } from './workspace.ts';

/** A target that somebody wrote down. */
export interface NamedTarget {
  readonly setting: TargetSetting;
  /** What its relative paths are relative to. */
  readonly directory: string;
  readonly description: string;
  /** Undefined: as all the others. */
  readonly evaluateAs?: readonly System[];
  /** A person gave it in their own settings. */
  readonly isOwn?: true;
}

/** Those of the target files first, then those of the settings. */
export function namedTargets({ targetFiles, settings, ...snapshot }: Snapshot): NamedTarget[] {
  const [root = '.'] = workspaceFolders({ targetFiles, settings, ...snapshot });
  return [
    ...targetFiles.flatMap(({ file, targets }) =>
      targets.map(({ setting, evaluateAs }) => ({
        setting,
        directory: dirname(file),
        description: `from ${basename(file)}`,
        ...(evaluateAs && { evaluateAs }),
      })),
    ),
    ...settings.targets.map((setting) => ({
      setting,
      directory: root,
      description: 'from the settings',
      ...(!settings.areTargetsFromWorkspace && { isOwn: true as const }),
    })),
  ];
}

/**
 * All targets to choose from: those that are named first, then those that were found.
 *
 * @param places where the named targets stand in their files, by key
 */
export function listTargets(
  named: readonly NamedTarget[],
  found: readonly FoundTarget[],
  places: ReadonlyMap<string, SourceRange>,
): TargetEntry[] {
  const entries = new Map<string, TargetEntry>();
  for (const { setting, directory, description, evaluateAs, isOwn } of named) {
    const target = targetOfSetting(setting, directory);
    const key = targetKey(target);
    const shared = entries.get(key);
    if (shared) {
      // The person wants the very same.
      if (isOwn) entries.set(key, { ...shared, isOwn });
      continue;
    }
    const source = places.get(key);
    entries.set(key, {
      key,
      target,
      label: labelOfSetting(setting),
      description,
      ...(evaluateAs && { evaluateAs }),
      ...(setting.expect !== undefined && { expect: setting.expect }),
      ...(source && { source }),
      ...(isOwn && { isOwn }),
    });
  }
  for (const candidate of found) {
    const key = targetKey(candidate.target);
    if (!entries.has(key)) entries.set(key, { ...candidate, key });
  }
  return [...entries.values()];
}

/** The targets that are listed, and those that a search which is under way, or was ended, has found besides. */
export function knownTargets({ targets = [], searched }: Snapshot): readonly TargetEntry[] {
  const known = new Map(targets.map((entry) => [entry.key, entry]));
  for (const found of searched.flatMap((part) => part.targets)) {
    const key = targetKey(found.target);
    if (!known.has(key)) known.set(key, { ...found, key });
  }
  return [...known.values()];
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
 * The target to evaluate when nobody chose one: the first that is named; else the
 * first that was found in an open file; else the first of all.
 */
export function chooseTarget(
  entries: readonly TargetEntry[],
  named: readonly NamedTarget[],
  openFiles: readonly string[],
): TargetEntry | undefined {
  if (named.length > 0) return entries[0];
  const inOpenFile = entries.find(({ source }) => source && openFiles.includes(source.file));
  return inOpenFile ?? entries[0];
}

function argumentsKey({ arg, argstr, include, option }: EvaluationArguments): unknown[] {
  return [arg, argstr, include, option];
}
