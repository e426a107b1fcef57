import { placeKey } from '../model/location.ts';
import { unwrap } from '../syntax/ast.ts';
import type { Definition } from '../syntax/scopes.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { argumentSets } from './calls.ts';
import type { ObservedCalls } from './evidence.ts';
import type { CallOf, GivenArgument } from './functionValues.ts';
import type { PlacedExpression } from './placedExpression.ts';
import { attributeOf } from './setLiterals.ts';
import {
  addStep,
  endAt,
  firstOf,
  follow,
  leaveValue,
  type Provenance,
  type Trace,
  type Walk,
  type Way,
} from './walk.ts';

type FormalDefinition = Extract<Definition, { kind: 'formal' }>;

/** What a function that was entered got for one of its formals. */
export function* followGiven(
  source: SourceFile,
  definition: FormalDefinition,
  given: GivenArgument,
  name: string,
  path: readonly string[],
  trace: Trace,
  walk: Walk,
): Way {
  const around = { ...walk, entered: given.entered };
  const argument = attributeOf(given, name);
  if (argument) return yield* follow(argument, path, around);
  const { sets, complete } = argumentSets(given, given.entered);
  const isGiven = sets.some((set) => attributeOf(set, name) !== undefined);
  if (complete && !isGiven) return yield* followFallback(source, definition, name, path, walk);
  const found = yield* follow(given, [name, ...path], around);
  return found ?? (isGiven ? undefined : yield* followDefault(source, definition, name, path, trace, walk));
}

export function* followFormal(
  source: SourceFile,
  definition: FormalDefinition,
  name: string,
  path: readonly string[],
  trace: Trace,
  walk: Walk,
): Way {
  const { lambda, formal } = definition;
  const calls = trace.index.callsOf(lambda, source);
  const isCertain = calls.giving(trace.sought).length > 0;
  const byDefault = isCertain ? undefined : yield* followDefault(source, definition, name, path, trace, walk);
  if (byDefault) return byDefault;
  const givenIn = ({ source: at, apply }: CallOf): PlacedExpression | undefined =>
    attributeOf({ source: at, expression: apply.argument }, name);
  const found = yield* followCalls(calls, givenIn, path, trace, walk, function* (call): Way {
    const argument = { source: call.source, expression: call.apply.argument };
    const given = givenIn(call);
    if (given) {
      const message = `the argument \`${name}\` is given here`;
      return yield* follow(given, path, addStep(walk, given.source, given.expression, message));
    }
    if (call.callPackage)
      return yield* follow({ source: call.source, expression: call.callPackage }, [], leaveValue(walk));
    if (!isCertain) return undefined;
    return yield* followGiven(
      source,
      definition,
      { ...argument, entered: walk.entered },
      name,
      path,
      trace,
      walk,
    );
  });
  if (found) return found;
  const modules = yield* firstOf(trace.index.callers.moduleArguments(name), function* (given): Way {
    const message = `the module argument \`${name}\` is given here`;
    return yield* follow(given, path, addStep(walk, given.source, given.expression, message));
  });
  if (modules) return modules;
  if (!trace.index.evidence.givenArguments.has(name) || unwrap(source.root) !== lambda) return undefined;
  return endAt(walk, 'argument', source, formal, `the argument \`${name}\` of the evaluation was given so`);
}

/** What the parameter of a function that was not entered may have got. */
export function* followParameter(
  source: SourceFile,
  { lambda }: Extract<Definition, { kind: 'parameter' }>,
  path: readonly string[],
  trace: Trace,
  walk: Walk,
): Way {
  const argumentOf = ({ source: at, apply }: CallOf): PlacedExpression => ({
    source: at,
    expression: apply.argument,
  });
  const calls = trace.index.callsOf(lambda, source);
  const found = yield* followCalls(calls, argumentOf, path, trace, walk, (call) =>
    follow(argumentOf(call), path, walk),
  );
  const [first, ...rest] = path;
  if (found || first === undefined) return found;
  return yield* firstOf(trace.index.callers.moduleArguments(first), (place) => follow(place, rest, walk));
}

/**
 * The calls through which a value may have come: those that were seen to give
 * the derivation, where there are some. Which system it was cannot be told where
 * it may be that of several calls, unless they all say the same.
 */
function* followCalls(
  { calls, isWhole, giving }: ObservedCalls,
  argumentOf: (call: CallOf) => PlacedExpression | undefined,
  path: readonly string[],
  trace: Trace,
  walk: Walk,
  followCall: (call: CallOf) => Way,
): Way {
  const followOne = function* (call: CallOf): Way {
    const found = yield* followCall(call);
    return found && { ...found, isThroughCaller: true };
  };
  const certain = giving(trace.sought);
  if (certain.length > 0) return yield* firstOf(certain, followOne);
  if (!walk.isSystem || path.length > 0) return yield* firstOf(calls, followOne);
  if (!isWhole) return undefined;
  const possible = calls.filter((call) => !isAnotherSystem(argumentOf(call), trace));
  const found: Provenance[] = [];
  for (const call of possible) {
    const one = yield* followOne(call);
    if (one) found.push(one);
  }
  const places = new Set(found.map(({ cause: { source } }) => source && placeKey(source)));
  return places.size === 1 && found.length === possible.length ? found[0] : undefined;
}

function isAnotherSystem(argument: PlacedExpression | undefined, { wrong }: Trace): boolean {
  const expression = argument && unwrap(argument.expression);
  return expression?.kind === 'string' && expression.value !== undefined && !wrong.includes(expression.value);
}

/** A formal's default where it was seen to be used by some call. */
function* followDefault(
  source: SourceFile,
  definition: FormalDefinition,
  name: string,
  path: readonly string[],
  trace: Trace,
  walk: Walk,
): Way {
  const { fallback } = definition.formal;
  if (!fallback || !trace.index.isUsedDefault(source, fallback)) return undefined;
  return yield* followFallback(source, definition, name, path, walk);
}

function* followFallback(
  source: SourceFile,
  { formal: { fallback } }: FormalDefinition,
  name: string,
  path: readonly string[],
  walk: Walk,
): Way {
  if (!fallback) return undefined;
  const next = addStep(walk, source, fallback, `the default of the argument \`${name}\` is used`);
  return yield* follow({ source, expression: fallback }, path, next);
}
