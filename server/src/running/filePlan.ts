import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EvaluationTarget } from '../model/target.ts';
import type { System } from '../model/system.ts';
import { instantiateFile, traceInstantiation, type FileEvaluation } from '../nix/evaluate.ts';
import { copyArguments, includedFiles } from '../probing/copiedArguments.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import { onlyRoot } from './onlyRoot.ts';
import { copiesOptions, type EvaluationPlan, type PlanOptions } from './plan.ts';
import { isBelow } from '../probing/workspaceFiles.ts';

type FileTarget = Extract<EvaluationTarget, { kind: 'file' }>;

/** A file with an attribute path, evaluated by `nix-instantiate`. */
export function filePlan(
  target: FileTarget,
  evaluateAs: System | undefined,
  { nix, parser }: NixEnvironment,
  { workspaceRoots, directory, limits }: PlanOptions,
): EvaluationPlan {
  const isSearchPath = target.file.startsWith('<');
  const root =
    workspaceRoots.find((candidate) => isBelow(target.file, candidate)) ??
    workspaceRoots[0] ??
    dirname(target.file);
  const evaluation: FileEvaluation = {
    file: target.file,
    attribute: target.attribute,
    arguments: target.arguments,
  };
  const settings = {
    ...(evaluateAs !== undefined ? { evaluateAs } : {}),
    ...limits,
    cwd: directory,
  };

  return {
    async workspace() {
      const own = isSearchPath ? [] : [await mainFile(target.file)];
      return {
        layout: { root, evaluatedRoot: root },
        entries: [...own, ...includedFiles(target.arguments, directory)],
      };
    },

    async instantiate(signal) {
      const roots = await instantiateFile(nix, evaluation, { ...settings, signal });
      return onlyRoot(roots, target.attribute);
    },

    async evaluateCopies(copies, write, signal) {
      const file = isSearchPath ? target.file : await mainFile(target.file);
      const copied: FileEvaluation = {
        ...evaluation,
        file: copies.copyOf(file) ?? file,
        arguments: copyArguments(target.arguments, copies, directory, parser),
      };
      if (write) {
        const traces: string[] = [];
        const roots = await instantiateFile(nix, copied, { ...settings, signal });
        return { drvPath: onlyRoot(roots, target.attribute), traces };
      }
      // As the plain evaluation does: a set with one derivation in it is a root, too.
      const { roots, traces } = await traceInstantiation(nix, copied, {
        ...settings,
        signal,
        ...copiesOptions(copies, write),
      });
      return { drvPath: onlyRoot(roots, target.attribute), traces };
    },
  };
}

/** A directory means its `default.nix` (Nix source: `common-eval-args.cc`, `lookupFileArg`). */
async function mainFile(file: string): Promise<string> {
  try {
    return (await stat(file)).isDirectory() ? join(file, 'default.nix') : file;
  } catch {
    // It does not exist: Nix will say so better than we can.
    return file;
  }
}
