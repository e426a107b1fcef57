import { join } from 'node:path';
import type { EvaluationArguments, EvaluationTarget } from '../model/target.ts';
import type { System } from '../model/system.ts';
import { splitAttributePath } from '../model/attributePath.ts';
import { nixString } from '../nix/nixString.ts';
import { evaluateDrvPath, instantiateExpression } from '../nix/evaluate.ts';
import { literalPaths } from '../syntax/pathLiterals.ts';
import { parseSourceFile } from '../syntax/sourceFile.ts';
import type { WorkspaceCopies } from '../probing/copies.ts';
import { composedExpression, compositionParts } from '../targets/composition.ts';
import { copyArguments, copyExpression, includedFiles } from '../probing/copiedArguments.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import { onlyRoot } from './onlyRoot.ts';
import { ownFilesOf } from './ownFiles.ts';
import { isSearchPathMoved, rootExpression } from './rootExpression.ts';
import { copiesOptions, type EvaluationPlan, type PlanOptions } from './plan.ts';
import { isBelow } from '../probing/workspaceFiles.ts';

type ExpressionTarget = Extract<EvaluationTarget, { kind: 'expression' }>;
type ComposedTarget = Extract<EvaluationTarget, { kind: 'composed' }>;

/** What Nix is given. */
interface Text {
  readonly expression: string;
  readonly attribute: string;
  readonly arguments: EvaluationArguments;
}

/** An expression of the person's, evaluated by `nix-instantiate -E`. */
export function expressionPlan(
  target: ExpressionTarget,
  evaluateAs: System | undefined,
  environment: NixEnvironment,
  options: PlanOptions,
): EvaluationPlan {
  const { directory } = target;
  const { parser } = environment;
  const copied = (copies: WorkspaceCopies): Text => ({
    ...target,
    expression: copyExpression(target.expression, 'expression.nix', copies, directory, parser),
    arguments: copyArguments(target.arguments, copies, directory, parser),
  });
  const expressions = [target.expression, ...target.arguments.arg.map(([, expression]) => expression)];
  const named = expressions.flatMap((text) => namedFiles(text, directory, environment));
  const entries = [...named, ...includedFiles(target.arguments, directory)];
  return planOf(target, copied, entries, evaluateAs, environment, { ...options, directory });
}

/** A file that has no root of its own, evaluated by the expression that gives it one. */
export function composedPlan(
  target: ComposedTarget,
  evaluateAs: System | undefined,
  environment: NixEnvironment,
  options: PlanOptions,
): EvaluationPlan {
  const { directory } = options;
  const { parser } = environment;
  // Arguments are part of the expression; the options and the search path are not.
  const around = { ...target.arguments, arg: [], argstr: [] };
  const plain: Text = {
    expression: composedExpression(target, compositionParts(target)),
    attribute: '',
    arguments: around,
  };
  const copied = (copies: WorkspaceCopies): Text => {
    const rewrite = (text: string): string =>
      copyExpression(text, 'expression.nix', copies, directory, parser);
    const given = copyArguments(target.arguments, copies, directory, parser);
    const parts = compositionParts({
      ...target,
      file: copies.copyOf(target.file) ?? target.file,
      packageSet: rewrite(target.packageSet),
      ...(target.source !== undefined && { source: rewrite(target.source) }),
      arguments: given,
    });
    return {
      expression: composedExpression(target, parts),
      attribute: '',
      arguments: { ...given, arg: [], argstr: [] },
    };
  };
  const expressions = [target.packageSet, ...target.arguments.arg.map(([, expression]) => expression)];
  const entries = [
    target.file,
    ...expressions.flatMap((text) => namedFiles(text, directory, environment)),
    ...includedFiles(target.arguments, directory),
  ];
  return planOf(plain, copied, entries, evaluateAs, environment, options);
}

function planOf(
  plain: Text,
  copied: (copies: WorkspaceCopies) => Text,
  entries: readonly string[],
  evaluateAs: System | undefined,
  { nix }: NixEnvironment,
  { workspaceRoots, directory, limits }: PlanOptions,
): EvaluationPlan {
  const root =
    workspaceRoots.find((candidate) => entries.some((entry) => isBelow(entry, candidate))) ??
    workspaceRoots[0] ??
    directory;
  const settings = {
    ...(evaluateAs !== undefined ? { evaluateAs } : {}),
    ...limits,
    cwd: directory,
  };
  const optionsOf = ({ attribute, arguments: given, expression }: Text) => ({
    attribute,
    arguments: given,
    flakes: expression.includes('builtins.getFlake'),
  });
  return {
    workspace: () => Promise.resolve({ layout: { root, evaluatedRoot: root }, entries }),

    ownFiles: (signal) => {
      const path = plain.attribute === '' ? [] : splitAttributePath(plain.attribute);
      const value = `(${plain.expression})${path.map((name) => `.${nixString(name)}`).join('')}`;
      return ownFilesOf(nix, value, plain.arguments, { ...settings, signal });
    },

    async instantiate(signal) {
      const roots = await instantiateExpression(nix, plain.expression, {
        ...settings,
        ...optionsOf(plain),
        signal,
      });
      return onlyRoot(roots, plain.attribute);
    },

    keptExpression(copies) {
      const text = copied(copies);
      const isMoved = isSearchPathMoved(plain.arguments, text.arguments);
      return Promise.resolve(
        isMoved ? undefined : rootExpression(`(${text.expression}\n)`, text.attribute, text.arguments),
      );
    },

    evaluateCopies(copies, write, signal) {
      const text = copied(copies);
      return evaluateDrvPath(nix, text.expression, {
        ...settings,
        ...optionsOf(text),
        signal,
        write,
        ...copiesOptions(copies, write),
      });
    },
  };
}

/** The files that an expression's relative paths name; of a directory its `default.nix`. */
function namedFiles(expression: string, directory: string, { parser }: NixEnvironment): string[] {
  const source = parseSourceFile(join(directory, 'expression.nix'), expression, parser);
  return literalPaths(source).map((path) => (path.endsWith('.nix') ? path : join(path, 'default.nix')));
}
