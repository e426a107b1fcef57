import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { EvaluationArguments, EvaluationTarget } from '../model/target.ts';
import type { System } from '../model/system.ts';
import { evaluateFileDrvPath, instantiateFile, type FileEvaluation } from '../nix/evaluate.ts';
import { parseSourceFile } from '../syntax/sourceFile.ts';
import type { WorkspaceCopies } from './copies.ts';
import type { NixEnvironment } from './environment.ts';
import { rewritePaths } from './instrument.ts';
import type { PlanOptions } from './makePlan.ts';
import type { EvaluationPlan } from './plan.ts';
import { isBelow } from './workspaceFiles.ts';

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
        arguments: copyArguments(target.arguments, copies),
      };
      if (write) {
        const traces: string[] = [];
        const roots = await instantiateFile(nix, copied, { ...settings, signal });
        return { drvPath: onlyRoot(roots, target.attribute), traces };
      }
      return evaluateFileDrvPath(nix, copied, { ...settings, signal, logFormat: 'raw' });
    },
  };

  /** Relative paths in arguments and on the search path lead to the copies as well. */
  function copyArguments(given: EvaluationArguments, copies: WorkspaceCopies): EvaluationArguments {
    return {
      ...given,
      arg: given.arg.map(([name, expression]) => {
        const source = parseSourceFile(join(directory, `argument-${name}.nix`), expression, parser);
        if (!source.wellFormed) return [name, expression];
        return [name, rewritePaths(source, { ...copies.context, directory })];
      }),
      include: given.include.map((entry) => {
        const { prefix, path } = splitInclude(entry);
        const copy = copies.copyOf(resolve(directory, path));
        return copy === undefined ? entry : `${prefix}${copy}`;
      }),
    };
  }
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

function includedFiles({ include }: EvaluationArguments, directory: string): string[] {
  return include
    .map((entry) => splitInclude(entry).path)
    .filter((path) => path.endsWith('.nix'))
    .map((path) => (isAbsolute(path) ? path : resolve(directory, path)));
}

/** `nixos-config=./x.nix` or a bare path. */
function splitInclude(entry: string): { readonly prefix: string; readonly path: string } {
  const at = entry.indexOf('=');
  return at === -1
    ? { prefix: '', path: entry }
    : { prefix: entry.slice(0, at + 1), path: entry.slice(at + 1) };
}

/** @throws Error where the attribute is a set of several derivations, which has no single root */
function onlyRoot(roots: readonly string[], attribute: string): string {
  const [root] = roots;
  if (root === undefined || roots.length !== 1) throw new SeveralRootsError(roots, attribute);
  return root.replace(/!.*$/, '');
}

/** The target is no single derivation. */
export class SeveralRootsError extends Error {
  override readonly name = 'SeveralRootsError';

  constructor(roots: readonly string[], attribute: string) {
    const what = attribute === '' ? 'the file' : `the attribute ${attribute}`;
    const names = roots
      .slice(0, 8)
      .map((root) => root.replace(/^.*\/[a-z0-9]{32}-/, '').replace(/\.drv(!.*)?$/, ''));
    super(
      roots.length === 0
        ? `${what} has no derivation as its value`
        : `${what} is a set of ${roots.length} derivations (${names.join(', ')}${roots.length > 8 ? ', …' : ''}): choose one of its attributes`,
    );
  }
}
