import type { DerivationId } from '../model/derivation.ts';
import { systemOfTriple } from '../derivation/triples.ts';
import { unwrap, type Apply, type Expression, type Select } from '../syntax/ast.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { importedFile } from './callers.ts';
import { argumentSets, isImport, systemArguments } from './argumentSets.ts';
import { throughBuildSet } from './buildSets.ts';
import { describeSpan } from './describeCause.ts';
import { enter, functionValue, type FunctionValue } from './functionValues.ts';
import { followFlakeSystem, looksLikeSystem } from './endingSystems.ts';
import { attributeOf, isNamed, staticNames } from './setLiterals.ts';
import {
  addStep,
  endAt,
  firstOf,
  follow,
  followSystem,
  leaveValue,
  type Provenance,
  type Way,
  type Waypoint,
} from './walk.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** Follows the value of a function call to the argument or the set that chose its platform. */
export function* followApplication(apply: Apply, at: Waypoint): Way {
  const { source, path, trace, walk } = at;
  const fn = unwrap(apply.fn);
  const argument = unwrap(apply.argument);
  const here = (expression: Expression): PlacedExpression => ({ source, expression });

  if (isNamed(fn, 'import')) return yield* followImport(apply, at);
  if (isNamed(fn, 'derivation') || isNamed(fn, 'derivationStrict')) {
    return yield* follow(here(argument), ['system'], followSystem(walk));
  }
  const called = functionValue(here(fn), walk.entered, trace.index.callers);
  const packageSet = yield* followPackageSet(apply, called, at);
  if (packageSet !== 'other') return packageSet;
  if (called) {
    const entered = enter(called, { source, expression: apply }, walk.entered);
    const body = { source: called.source, expression: called.lambda.body };
    return yield* follow(body, path, { ...walk, entered });
  }
  const imported = importedFile(fn, source);
  if (imported?.callPackage) return yield* follow(here(imported.callPackage), [], leaveValue(walk));
  switch (fn.kind) {
    case 'select':
      return yield* followMethod(fn, argument, at);
    case 'apply':
      return (yield* follow(here(fn), path, walk)) ?? (yield* followArguments(argument, at));
    case 'variable':
      return (yield* followArguments(argument, at)) ?? (yield* follow(here(fn), [], leaveValue(walk)));
    default:
      return undefined;
  }
}

/**
 * `foo.override { … }`, `pkgs.buildEnv { … }`, `stdenv.mkDerivation { … }`: made
 * by what has the function, but for an override by what it puts in. A function
 * of `lib` gives back what it is given, whichever set `lib` was taken from.
 */
function* followMethod(fn: Select, argument: Expression, at: Waypoint): Way {
  const { source, walk } = at;
  const names = staticNames(fn.path) ?? [];
  const base = unwrap(fn.base);
  const isLibrary = (names.includes('lib') && !isPerSystem(fn)) || isOneOf(base, ['lib', 'builtins']);
  if (isLibrary) return yield* followArguments(argument, at);
  if (!names.at(-1)?.startsWith('override')) {
    const by = throughBuildSet(fn, names, source, leaveValue(walk));
    return (
      (yield* followFlakeSystem(fn, { ...at, walk: by })) ??
      (yield* follow({ source, expression: fn.base }, names, by)) ??
      (isPerSystem(fn) ? yield* followArguments(argument, at) : undefined)
    );
  }
  const put = argument.kind === 'attribute-set' ? argument.bindings : [];
  const overriding = yield* firstOf(put, function* (binding): Way {
    if (binding.kind !== 'attribute') return undefined;
    const [name] = staticNames(binding.path) ?? [];
    const isSystem = name !== undefined && systemArguments.includes(name);
    return yield* follow(
      { source, expression: binding.value },
      [],
      isSystem ? followSystem(walk) : leaveValue(walk),
    );
  });
  return overriding ?? (yield* follow({ source, expression: fn.base }, names.slice(0, -1), walk));
}

/** Does a library have its functions for each system: `deploy-rs.lib.x86_64-linux.activate.nixos`? */
function isPerSystem({ path }: Select): boolean {
  const library = path.findIndex((name) => name.kind === 'static' && name.name === 'lib');
  const next = path[library + 1];
  return next !== undefined && (next.kind === 'dynamic' || looksLikeSystem.test(next.name));
}

function isOneOf(expression: Expression, names: readonly string[]): boolean {
  return expression.kind === 'variable' && names.includes(expression.name);
}

/**
 * What a function is given, where nothing is known of the function: it may give
 * it back. What was seen to be another derivation is none of its business.
 */
function* followArguments(argument: Expression, { source, path, trace, walk }: Waypoint): Way {
  const next = { ...leaveValue(walk), isSystem: walk.isSystem && path.length === 0 };
  const seenAs = (expression: Expression): readonly DerivationId[] =>
    trace.index.observationAt(source, unwrap(expression))?.derivations ?? [];
  const isOther = (expression: Expression): boolean =>
    seenAs(expression).length > 0 && !seenAs(expression).includes(trace.sought);
  if (argument.kind !== 'list')
    return isOther(argument) ? undefined : yield* follow({ source, expression: argument }, path, next);
  // Where one was seen to be the derivation, the rest was perhaps never evaluated.
  const own = argument.elements.filter((expression) => seenAs(expression).includes(trace.sought));
  const possible = own.length > 0 ? own : argument.elements.filter((expression) => !isOther(expression));
  return yield* firstOf(possible, (expression) => follow({ source, expression }, [], next));
}

/** `import ./x.nix` itself, without further arguments: the file's value. */
function* followImport(apply: Apply, { source, path, trace, walk }: Waypoint): Way {
  const imported = importedFile(apply, source);
  const file = imported && trace.index.callers.resolveFile(imported.path);
  return file && (yield* follow({ source: file, expression: file.root }, path, walk));
}

/**
 * A call that makes a package set or a configuration: its `system` decides
 * (nixpkgs, `pkgs/top-level/impure.nix`, and `nixos/lib/eval-config.nix`: both
 * take `builtins.currentSystem` where they are told none). 'other' where the
 * call is something else.
 */
function* followPackageSet(
  apply: Apply,
  called: FunctionValue | undefined,
  { source, trace, walk }: Waypoint,
): Way<Provenance | undefined | 'other'> {
  const importsForeign = !called && isImport(source, unwrap(apply.fn));
  const configures = !called && isConfigurator(unwrap(apply.fn));
  if (!importsForeign && !configures && !(called && isPackageSet(called))) return 'other';
  const { sets, complete } = argumentSets({ source, expression: apply.argument }, walk.entered);
  if (sets.length === 0 && !complete) return 'other';
  const find = (name: string): PlacedExpression | undefined =>
    sets.map((set) => attributeOf(set, name)).find((given) => given !== undefined);
  const text = describeSpan(source, apply);
  const cross = endAtCrossSystem(find('crossSystem'), text, { trace, walk });
  if (cross) return cross;
  let isTold = false;
  for (const name of systemArguments) {
    const given = find(name);
    if (!given) continue;
    isTold = true;
    const inner = attributeOf({ source: given.source, expression: unwrap(given.expression) }, 'system');
    const made = addStep(followSystem(walk), source, apply, `\`${text}\` is made with this \`${name}\``);
    const found = yield* follow(inner ?? given, [], made);
    if (found) return found;
  }
  if (isTold || !complete) return undefined;
  const packages = find('pkgs');
  if (packages) return yield* follow(packages, [], leaveValue(walk));
  // A flake's configuration may be told its system by a module.
  if (configures) return undefined;
  const { evaluatedAs } = trace.index.evidence;
  // Made without a system, and yet not the evaluating machine's: then it is told in another way.
  if (!trace.wrong.includes(evaluatedAs)) return undefined;
  const call = callThatDecides(source, apply, sets);
  const decisive = describeSpan(call.source, call.apply);
  return endAt(
    call.apply === apply
      ? walk
      : addStep(walk, source, apply, `\`${text}\` takes its arguments from its caller`),
    'package-set-without-system',
    call.source,
    call.apply,
    `\`${decisive}\` is made without \`system\`, so it takes builtins.currentSystem, here ${evaluatedAs}`,
  );
}

/**
 * A package set that cross-compiles has its packages for the platform that
 * `crossSystem` names, and in `buildPackages` those for where these are built:
 * then that, and not where they are built, was chosen wrongly.
 */
function endAtCrossSystem(
  given: PlacedExpression | undefined,
  set: string,
  { trace, walk }: Pick<Waypoint, 'trace' | 'walk'>,
): Provenance | undefined {
  if (!given) return undefined;
  const { buildSet } = walk;
  if (buildSet) {
    const words = `\`${describeSpan(buildSet.source, buildSet.span)}\``;
    return endAt(
      walk,
      'other-package-set',
      buildSet.source,
      buildSet.span,
      `${words} has the packages that run where those of \`${set}\` are built`,
    );
  }
  const config = attributeOf({ source: given.source, expression: unwrap(given.expression) }, 'config');
  const triple = config && unwrap(config.expression);
  const system = triple?.kind === 'string' && triple.value !== undefined && systemOfTriple(triple.value);
  if (!system || !trace.wrong.includes(system)) return undefined;
  return endAt(
    walk,
    'other-package-set',
    given.source,
    given.expression,
    `\`${set}\` has packages for ${system}, because of this \`crossSystem\``,
  );
}

/** `nixpkgs.lib.nixosSystem` and its like, which make a configuration for the system that they are told. */
function isConfigurator(fn: Expression): boolean {
  const last = fn.kind === 'select' ? fn.path.at(-1) : undefined;
  const name = fn.kind === 'variable' ? fn.name : last?.kind === 'static' ? last.name : undefined;
  return name === 'nixosSystem' || name === 'darwinSystem' || name === 'homeManagerConfiguration';
}

/** A file's function that can be told a system, and takes the evaluating machine's where it is told none. */
function isPackageSet({ source, lambda }: FunctionValue): boolean {
  if (unwrap(source.root) !== lambda) return false;
  return (lambda.formals ?? []).some(
    ({ name, fallback }) =>
      systemArguments.includes(name.name) &&
      (!fallback || source.text.slice(fallback.start, fallback.end).includes('currentSystem')),
  );
}

/** A wrapper hands its own arguments on: then its caller is the one who left `system` out. */
function callThatDecides(
  source: SourceFile,
  apply: Apply,
  sets: readonly PlacedExpression[],
): { readonly source: SourceFile; readonly apply: Apply } {
  for (const set of sets) {
    let at = set.source.scopes.parentOf(set.expression);
    while (at?.kind === 'parenthesized') at = set.source.scopes.parentOf(at);
    if (at?.kind === 'apply' && at !== apply && unwrap(at.argument) === set.expression) {
      return { source: set.source, apply: at };
    }
  }
  return { source, apply };
}
