import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EvaluationArguments, EvaluationTarget } from '../model/target.ts';
import type { System } from '../model/system.ts';
import { instantiateFile, traceInstantiation, type FileEvaluation } from '../nix/evaluate.ts';
import { NixFailure } from '../nix/failure.ts';
import type { NixInstallation } from '../nix/installation.ts';
import { derivationsIn, namesIn, valueOf } from '../targets/search/attributesOfFile.ts';
import { formatAttributePath } from '../targets/search/found.ts';
import { copyArguments, includedFiles } from '../probing/copiedArguments.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import { ownFilesOf } from './ownFiles.ts';
import { onlyRoot, SeveralRootsError } from './onlyRoot.ts';
import { isSearchPathMoved, rootExpression } from './rootExpression.ts';
import { pathExpression } from '../nix/pathExpressions.ts';
import type { WorkspaceCopies } from '../probing/copies.ts';
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

  const argumentsOf = (copies: WorkspaceCopies): EvaluationArguments =>
    copyArguments(target.arguments, copies, directory, parser);

  return {
    async keptExpression(copies) {
      const given = argumentsOf(copies);
      const file = isSearchPath ? undefined : copies.copyOf(await mainFile(target.file));
      if (file === undefined || isSearchPathMoved(target.arguments, given)) return undefined;
      return rootExpression(`(import ${pathExpression(file)})`, target.attribute, given);
    },

    async workspace() {
      const own = isSearchPath ? [] : [await mainFile(target.file)];
      return {
        layout: { root, evaluatedRoot: root },
        entries: [...own, ...includedFiles(target.arguments, directory)],
      };
    },

    ownFiles: (signal) => ownFilesOf(nix, valueOf(evaluation), target.arguments, { ...settings, signal }),

    async instantiate(signal) {
      const roots = await instantiateFile(nix, evaluation, { ...settings, signal });
      try {
        return onlyRoot(roots, target.attribute);
      } catch (error) {
        if (!(error instanceof SeveralRootsError) || isSearchPath) throw error;
        throw await withAttributes(error, nix, evaluation, { ...settings, signal });
      }
    },

    async evaluateCopies(copies, write, signal) {
      const file = isSearchPath ? target.file : await mainFile(target.file);
      const copied: FileEvaluation = {
        ...evaluation,
        file: copies.copyOf(file) ?? file,
        arguments: argumentsOf(copies),
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

/** The same error with the attributes that can be chosen, where Nix tells them soon. */
async function withAttributes(
  error: SeveralRootsError,
  nix: NixInstallation,
  evaluation: FileEvaluation,
  options: Parameters<typeof derivationsIn>[2],
): Promise<SeveralRootsError> {
  const { roots, attribute } = error;
  const asked = { ...options, timeoutMs: namingTimeoutMs };
  // Where one of its values fails, names alone are better than none; where these fail, too, so are the derivations'.
  for (const find of [derivationsIn, namesOf]) {
    try {
      const paths = await find(nix, evaluation, asked);
      const names = paths.map((path) => [attribute, formatAttributePath(path)].filter(Boolean).join('.'));
      return new SeveralRootsError(roots, attribute, names);
    } catch (cause) {
      if (!(cause instanceof NixFailure)) throw cause;
    }
  }
  return error;
}

const namesOf: typeof derivationsIn = async (...asked) => (await namesIn(...asked)).map((name) => [name]);

/** Nobody waits longer for a list in an error. */
const namingTimeoutMs = 10_000;

/** A directory means its `default.nix` (Nix source: `common-eval-args.cc`, `lookupFileArg`). */
async function mainFile(file: string): Promise<string> {
  try {
    return (await stat(file)).isDirectory() ? join(file, 'default.nix') : file;
  } catch {
    // It does not exist: Nix will say so better than we can.
    return file;
  }
}
