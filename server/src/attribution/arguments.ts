import { placeKey } from '../model/location.ts';
import { unwrap, type Lambda } from '../syntax/ast.ts';
import type { Definition } from '../syntax/scopes.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { argumentSets } from './argumentSets.ts';
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
  type Way,
  type Waypoint,
} from './walk.ts';

type FormalDefinition = Extract<Definition, { kind: 'formal' }>;

/** What a function that was entered got for one of its formals. */
export function* followGiven(
  definition: FormalDefinition,
  given: GivenArgument,
  name: string,
  at: Waypoint,
): Way {
  const { path, walk } = at;
  const around = { ...walk, entered: given.entered };
  const argument = attributeOf(given, name);
  if (argument) return yield* follow(argument, path, around);
  const { sets, complete } = argumentSets(given, given.entered);
  const isGiven = sets.some((set) => attributeOf(set, name) !== undefined);
  if (complete && !isGiven) return yield* followFallback(definition, name, at);
  const found = yield* follow(given, [name, ...path], around);
  return found ?? (isGiven ? undefined : yield* followDefault(definition, name, at));
}

export function* followFormal(definition: FormalDefinition, name: string, at: Waypoint): Way {
  const { source, path, trace, walk } = at;
  const { lambda, formal } = definition;
  if (name === 'self' && isOutputs(lambda, source))
    return yield* follow({ source, expression: lambda.body }, path, leaveValue(walk));
  const calls = trace.index.callsOf(lambda, source);
  const isCertain = calls.giving(trace.sought).length > 0;
  const byDefault = isCertain ? undefined : yield* followDefault(definition, name, at);
  if (byDefault) return byDefault;
  const givenIn = (call: CallOf): PlacedExpression | undefined => attributeOf(argumentOf(call), name);
  const found = yield* followCalls(calls, givenIn, at, function* (call): Way {
    const given = givenIn(call);
    if (given) {
      const message = `the argument \`${name}\` is given here`;
      return yield* follow(given, path, addStep(walk, given.source, given.expression, message));
    }
    if (call.callPackage)
      return yield* follow({ source: call.source, expression: call.callPackage }, [], leaveValue(walk));
    if (!isCertain) return undefined;
    return yield* followGiven(definition, { ...argumentOf(call), entered: walk.entered }, name, at);
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

/** Is this the function that makes a flake's outputs? It is given them as `self`. */
function isOutputs(lambda: Lambda, source: SourceFile): boolean {
  if (!source.file.endsWith('/flake.nix')) return false;
  const outputs = attributeOf({ source, expression: source.root }, 'outputs');
  return outputs !== undefined && unwrap(outputs.expression) === lambda;
}

/** What the parameter of a function that was not entered may have got. */
export function* followParameter({ lambda }: Extract<Definition, { kind: 'parameter' }>, at: Waypoint): Way {
  const { source, path, trace, walk } = at;
  const calls = trace.index.callsOf(lambda, source);
  const found = yield* followCalls(calls, argumentOf, at, (call) => follow(argumentOf(call), path, walk));
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
  givenIn: (call: CallOf) => PlacedExpression | undefined,
  { path, trace, walk }: Waypoint,
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
  const possible = calls.filter((call) => !isAnotherSystem(givenIn(call), trace));
  const found: Provenance[] = [];
  for (const call of possible) {
    const one = yield* followOne(call);
    if (one) found.push(one);
  }
  const places = new Set(found.map(({ cause: { source } }) => source && placeKey(source)));
  return places.size === 1 && found.length === possible.length ? found[0] : undefined;
}

function argumentOf({ source, apply }: CallOf): PlacedExpression {
  return { source, expression: apply.argument };
}

function isAnotherSystem(argument: PlacedExpression | undefined, { wrong }: Trace): boolean {
  const expression = argument && unwrap(argument.expression);
  return expression?.kind === 'string' && expression.value !== undefined && !wrong.includes(expression.value);
}

/** A formal's default where it was seen to be used by some call. */
function* followDefault(definition: FormalDefinition, name: string, at: Waypoint): Way {
  const { fallback } = definition.formal;
  if (!fallback || !at.trace.index.isUsedDefault(at.source, fallback)) return undefined;
  return yield* followFallback(definition, name, at);
}

function* followFallback(
  { formal: { fallback } }: FormalDefinition,
  name: string,
  { source, path, walk }: Waypoint,
): Way {
  if (!fallback) return undefined;
  const next = addStep(walk, source, fallback, `the default of the argument \`${name}\` is used`);
  return yield* follow({ source, expression: fallback }, path, next);
}
