import { isAbsolute, relative } from 'node:path';
import type * as z from 'zod';

import type { EvaluationTarget } from '../model/target.ts';
import { settingOfComposition, type targetSetting } from './targetSetting.ts';

/** A target as a person would write it: what is left out has its default. */
export type WrittenTarget = z.input<typeof targetSetting>;

/**
 * The entry of a target file that names a target; undefined for one that cannot
 * be named there, such as a .drv file.
 *
 * @param directory the target file's
 */
export function settingOfTarget(target: EvaluationTarget, directory: string): WrittenTarget | undefined {
  const named = nameOf(target, directory);
  if (named === undefined || target.kind === 'derivation') return undefined;
  const { arg, argstr, include, option } = target.arguments;
  return {
    ...named,
    ...('attribute' in target && target.attribute !== '' && { attribute: target.attribute }),
    ...(arg.length > 0 && { arg: Object.fromEntries(arg) }),
    ...(argstr.length > 0 && { argstr: Object.fromEntries(argstr) }),
    ...(include.length > 0 && { include: [...include] }),
    ...(option.length > 0 && { option: Object.fromEntries(option) }),
  };
}

function nameOf(target: EvaluationTarget, directory: string): WrittenTarget | undefined {
  switch (target.kind) {
    case 'file':
      return { file: pathFrom(directory, target.file) };
    case 'flake': {
      const path = pathFrom(directory, target.flake);
      const isInside = isAbsolute(target.flake) && !isAbsolute(path);
      return { flake: path === '' ? '.' : isInside ? `./${path}` : target.flake };
    }
    case 'expression':
      return target.directory === directory ? { expression: target.expression } : undefined;
    case 'composed': {
      const { composition, file, member, packageSet, source } = target;
      return {
        [settingOfComposition(composition)]: pathFrom(directory, file),
        ...(member !== '' && { machine: member }),
        ...(packageSet !== '<nixpkgs>' && { nixpkgs: packageSet }),
        ...(source !== undefined && { source }),
      };
    }
    case 'derivation':
      return undefined;
  }
}

/** Relative where it lies in the directory; a search path such as `<nixpkgs>` stays as it is. */
function pathFrom(directory: string, path: string): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(directory, path);
  return inside.startsWith('..') ? path : inside;
}
