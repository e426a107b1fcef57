import { unwrap, type Apply, type Expression, type Lambda } from '../syntax/ast.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { importedFile, type Place } from './callers.ts';
import { argumentSet, calledLambda, isImport, systemArguments } from './calls.ts';
import { describeSpan } from './describeCause.ts';
import { attributeOf, isNamed } from './setLiterals.ts';
import { addStep, endAt, leaveValue, type Provenance, type Trace, type Walk } from './walk.ts';

/** Follows the value of a function call to the argument or the set that chose its platform. */
export function followApplication(
  source: SourceFile,
  apply: Apply,
  path: readonly string[],
  trace: Trace,
  walk: Walk,
): Provenance | undefined {
  const fn = unwrap(apply.fn);
  const argument = unwrap(apply.argument);
  const here = (expression: Expression): Place => ({ source, expression });

  if (isNamed(fn, 'import')) return followImport(source, apply, path, trace, walk);
  if (isNamed(fn, 'derivation') || isNamed(fn, 'derivationStrict')) {
    const system = attributeOf(here(argument), 'system');
    return system && trace.follow(system, [], leaveValue(walk));
  }
  const called = calledLambda(source, fn, trace.index.callers);
  const packageSet = followPackageSet(source, apply, called?.lambda, trace, walk);
  if (packageSet !== 'other') return packageSet;
  if (called && !called.takesSystem) {
    const entered = new Map(walk.entered).set(called.lambda, here(apply.argument));
    return trace.follow({ source: called.source, expression: called.lambda.body }, path, {
      ...walk,
      entered,
    });
  }
  const imported = importedFile(fn, source);
  if (imported?.callPackage) return trace.follow(here(imported.callPackage), [], leaveValue(walk));
  // `foo.override { … }`, `pkgs.buildEnv { … }`, `stdenv.mkDerivation { … }`: made by what has the function.
  if (fn.kind === 'select') {
    const method = fn.path.at(-1);
    const isOverride = method?.kind === 'static' && method.name.startsWith('override');
    const owner = fn.path.length === 1 || isOverride ? fn.base : fn;
    return trace.follow(here(owner), [], isOverride ? walk : leaveValue(walk));
  }
  if (fn.kind === 'apply') return trace.follow(here(fn), path, walk);
  if (fn.kind !== 'variable') return undefined;
  return trace.follow(here(fn), [], leaveValue(walk)) ?? trace.follow(here(argument), path, leaveValue(walk));
}

/** `import ./x.nix` itself, without further arguments: the file's value. */
function followImport(
  source: SourceFile,
  apply: Apply,
  path: readonly string[],
  trace: Trace,
  walk: Walk,
): Provenance | undefined {
  const imported = importedFile(apply, source);
  const file = imported && trace.index.callers.resolveFile(imported.path);
  return file && trace.follow({ source: file, expression: file.root }, path, walk);
}

/**
 * A call that makes a package set or a configuration: its `system` decides
 * (nixpkgs, `pkgs/top-level/impure.nix`, and `nixos/lib/eval-config.nix`: both
 * take `builtins.currentSystem` where they are told none). 'other' where the
 * call is something else.
 */
function followPackageSet(
  source: SourceFile,
  apply: Apply,
  lambda: Lambda | undefined,
  trace: Trace,
  walk: Walk,
): Provenance | undefined | 'other' {
  const takesSystem = lambda?.formals?.some((formal) => systemArguments.includes(formal.name.name));
  const importsForeign = !lambda && isImport(source, unwrap(apply.fn));
  if (!takesSystem && !importsForeign) return 'other';
  const set = argumentSet({ source, expression: apply.argument });
  if (!set) return 'other';
  const text = describeSpan(source, apply);
  for (const name of systemArguments) {
    const given = attributeOf(set, name);
    if (!given) continue;
    const inner = attributeOf({ source: given.source, expression: unwrap(given.expression) }, 'system');
    const made = addStep(leaveValue(walk), source, apply, `\`${text}\` is made with this \`${name}\``);
    const found = trace.follow(inner ?? given, [], made);
    if (found) return found;
  }
  if (systemArguments.some((name) => attributeOf(set, name))) return undefined;
  const packages = attributeOf(set, 'pkgs');
  if (packages) return trace.follow(packages, [], leaveValue(walk));
  const { evaluatedAs } = trace.index.evidence;
  // Made without a system, and yet not the evaluating machine's: then it is told in another way.
  if (!trace.wrong.includes(evaluatedAs)) return undefined;
  return endAt(
    walk,
    'package-set-without-system',
    source,
    apply,
    `\`${text}\` is made without \`system\`, so it takes builtins.currentSystem, here ${evaluatedAs}`,
  );
}
