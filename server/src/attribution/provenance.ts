import { placeKey } from '../model/location.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { System } from '../model/system.ts';
import {
  unwrap,
  type AttributeSet,
  type Expression,
  type Select,
  type Span,
  type Variable,
} from '../syntax/ast.ts';
import { resolveName, type Definition, type Scope } from '../syntax/scopes.ts';
import { rangeIn, type SourceFile } from '../syntax/sourceFile.ts';
import { followApplication } from './applications.ts';
import { throughBuildSet } from './buildSets.ts';
import { argumentSets } from './argumentSets.ts';
import { describeSpan, unknownCause } from './describeCause.ts';
import type { EvidenceIndex } from './evidence.ts';
import { followFormal, followGiven, followParameter } from './arguments.ts';
import { isSameWayIn, nothingEntered } from './functionValues.ts';
import { attributeOf, findBinding, leaves, selectNames, staticNames } from './setLiterals.ts';
import { endAtCurrentSystem, endAtLiteral, endAtOption, followFlakeSystem } from './endingSystems.ts';
import {
  addStep,
  firstOf,
  follow,
  followSystem,
  leaveValue,
  type Next,
  type Provenance,
  type Trace,
  type Walk,
  type Way,
  type Waypoint,
} from './walk.ts';
import type { PlacedExpression } from './placedExpression.ts';

/**
 * Follows a derivation-valued expression through bindings, `with`, arguments and
 * files to the expression that chose its platform. Names are resolved by Nix's
 * scoping rules; where only an evaluation can tell (which `with` gave a name,
 * whether a default was used) the observations are asked.
 *
 * @param sought the derivation that is its value
 * @param expected the systems that its consumers need
 * @param wrong the systems that it has instead
 */
export function traceProvenance(
  start: PlacedExpression,
  index: EvidenceIndex,
  sought: DerivationId,
  expected: readonly System[],
  wrong: readonly System[],
): Provenance {
  const trace: Trace = { index, sought, expected, wrong, visited: new Map(), farthest: start };
  const walk: Walk = { steps: [], entered: nothingEntered, origin: start, isValue: true, isSystem: false };
  return goAll({ place: start, path: [], walk }, trace) ?? { origin: trace.farthest, cause: unknownCause() };
}

/** Goes all ways from an expression, the deepest first, until one leads somewhere. */
function goAll(start: Next, trace: Trace): Provenance | undefined {
  const open: Way[] = [wayFrom(start, trace)];
  let found: Provenance | undefined;
  for (let way = open.at(-1); way; way = open.at(-1)) {
    const step = way.next(found);
    found = undefined;
    if (step.done === true) {
      found = step.value;
      open.pop();
    } else if (open.length < longestWalk) open.push(wayFrom(step.value, trace));
  }
  return found;
}

function* wayFrom({ place, path, walk }: Next, trace: Trace): Way {
  const expression = unwrap(place.expression);
  const { source } = place;
  const at: Waypoint = { source, path, trace, walk };
  if (!isFirstVisit(expression, path, trace, walk)) return undefined;
  const here = (next: Expression): PlacedExpression => ({ source, expression: next });
  switch (expression.kind) {
    case 'variable':
      return yield* followVariable(expression, at);
    case 'select':
      return yield* followSelect(expression, at);
    case 'apply':
      return yield* followApplication(expression, at);
    case 'let':
    case 'with':
    case 'assert':
    // A function is reached as a value only through `import`, and then it is called.
    case 'lambda':
      return yield* follow(here(expression.body), path, walk);
    case 'if': {
      const branches = [expression.consequence, expression.alternative];
      return yield* firstOf(usedFirst(branches, at), (branch) => follow(here(branch), path, walk));
    }
    case 'attribute-set':
      return yield* followAttribute(expression, at);
    case 'binary':
      if (expression.operator !== '//') return undefined;
      return yield* firstOf(sidesThatHave(path[0], expression, source, walk), (side) =>
        follow(here(side), path, walk),
      );
    case 'string':
      return endAtLiteral(expression, at);
    default:
      return undefined;
  }
}

/**
 * Values may be recursive; what was followed once leads nowhere else the second
 * time, unless other calls brought it up, or it is a system only now. A fixpoint
 * may make a longer path of every turn: nobody writes such ones.
 */
function isFirstVisit(
  expression: Expression,
  path: readonly string[],
  { visited }: Trace,
  { entered, isSystem }: Walk,
): boolean {
  const key = path.join('.');
  const visits = visited.get(expression) ?? [];
  const isKnown = visits.some(
    (visit) => visit.path === key && (visit.isSystem || !isSystem) && isSameWayIn(visit.entered, entered),
  );
  if (isKnown || path.length > longestPath || visits.length >= mostVisits) return false;
  visited.set(expression, [...visits, { path: key, entered, isSystem }]);
  return true;
}

/** Expressions from one to the next; nobody hands a value on so often. */
const longestWalk = 250;

const longestPath = 16;
const mostVisits = 32;

/** Branches that were observed to be used come first. */
function usedFirst(branches: readonly Expression[], { source, trace }: Waypoint): Expression[] {
  const rank = (branch: Expression): number => (trace.index.observationAt(source, unwrap(branch)) ? 0 : 1);
  return [...branches].sort((a, b) => rank(a) - rank(b));
}

function* followVariable(variable: Variable, at: Waypoint): Way {
  if (variable.name === '__currentSystem') return endAtCurrentSystem(variable, at);
  return yield* followName(variable, variable.name, at.source.scopes.scopeOf(variable), at);
}

/** @param span where the name stands */
function* followName(span: Span, name: string, scope: Scope, at: Waypoint): Way {
  const resolution = resolveName(name, scope);
  if (resolution.kind === 'lexical') {
    const { definition } = resolution;
    const walk = noteShadow(span, name, definition, at);
    return yield* followDefinition(span, name, definition, { ...at, walk });
  }
  if (resolution.kind !== 'with') return undefined;
  const { source, path, trace, walk } = at;
  const given = trace.index.observationAt(source, span)?.givenBy?.[0];
  const chosen = resolution.candidates.filter(
    ({ environment }) => given && placeKey(rangeIn(source, environment)) === placeKey(given),
  );
  return yield* firstOf(chosen.length > 0 ? chosen : resolution.candidates, function* ({ environment }): Way {
    const message = `\`${name}\` comes from \`with ${describeSpan(source, environment)}\``;
    const next = addStep(leaveValue(walk), source, environment, message);
    return yield* follow({ source, expression: environment }, [name, ...path], next);
  });
}

function* followDefinition(span: Span, name: string, definition: Definition, at: Waypoint): Way {
  const { source, path, trace, walk } = at;
  switch (definition.kind) {
    case 'binding': {
      const { binding } = definition;
      const value: PlacedExpression = { source, expression: binding.value };
      if (binding.path.length > 1) {
        const inner = selectNames(binding.path.slice(1), path);
        return inner && (yield* follow(value, inner, walk));
      }
      const next = walk.isValue
        ? moveOrigin(value, trace, walk)
        : addStep(walk, source, binding.value, `\`${name}\` is bound here`);
      return yield* follow(value, path, next);
    }
    case 'inherit':
      return yield* followName(span, name, definition.scope, at);
    case 'inherit-from':
      return yield* follow(
        { source, expression: definition.binding.from },
        [name, ...path],
        leaveValue(walk),
      );
    case 'formal': {
      const given = walk.entered.given.get(definition.lambda);
      return given
        ? yield* followGiven(definition, given, name, at)
        : yield* followFormal(definition, name, at);
    }
    case 'parameter': {
      const given = walk.entered.given.get(definition.lambda);
      if (given) return yield* follow(given, path, { ...walk, entered: given.entered });
      return yield* followParameter(definition, at);
    }
  }
}

function* followSelect(select: Select, at: Waypoint): Way {
  const { source, path, trace, walk } = at;
  const names = staticNames(select.path);
  const base = unwrap(select.base);
  if (base.kind === 'variable' && base.name === 'builtins' && names?.[0] === 'currentSystem') {
    return endAtCurrentSystem(select, at);
  }
  // `nix.perl-bindings` of a wrong `nix`: the place to repair is where `nix` comes from.
  const left = trace.index.isDerivation(source, base) ? walk : leaveValue(walk);
  const next = names ? throughBuildSet(select, names, source, left) : left;
  return (
    (yield* followFlakeSystem(select, at)) ??
    (yield* follow({ source, expression: select.base }, names ? [...names, ...path] : [], next)) ??
    endAtOption(select, at)
  );
}

function* followAttribute(set: AttributeSet, at: Waypoint): Way {
  const { source, walk } = at;
  const [name, ...rest] = at.path;
  if (name === undefined) {
    const system = attributeOf({ source, expression: set }, 'system');
    return system && (yield* follow(system, [], followSystem(walk)));
  }
  const found = findBinding(set, name);
  switch (found?.kind) {
    case 'attribute': {
      const inner = selectNames(found.path.slice(1), rest);
      return inner && (yield* follow({ source, expression: found.value }, inner, walk));
    }
    case 'inherit':
      return yield* followName(found, name, source.scopes.scopeOf(set), { ...at, path: rest });
    case 'inherit-from':
      return yield* follow({ source, expression: found.from }, [name, ...rest], walk);
    case undefined:
      return undefined;
  }
}

/** The sides of `left // right` that may have an attribute: only the right one where that is written down to have it. */
function sidesThatHave(
  name: string | undefined,
  { left, right }: Extract<Expression, { kind: 'binary' }>,
  source: SourceFile,
  { entered }: Walk,
): Expression[] {
  const { sets } = argumentSets({ source, expression: right }, entered);
  const wins = name !== undefined && sets.some((set) => attributeOf(set, name) !== undefined);
  return wins ? [right] : [right, left];
}

/** Notes a `with` that has the name with the right platform, and loses against this definition. */
function noteShadow(
  span: Span,
  name: string,
  definition: Definition,
  { source, trace: { index, expected }, walk }: Waypoint,
): Walk {
  if (walk.shadow) return walk;
  const winner =
    definition.kind === 'binding'
      ? definition.binding
      : definition.kind === 'formal'
        ? definition.formal
        : undefined;
  if (!winner) return walk;
  for (const lost of index.shadowsAt(source, span) ?? []) {
    const isRight = lost.hosts.length === 0 || lost.hosts.some((host) => expected.includes(host));
    const environment = index.placeOf(lost.environment);
    if (!isRight || !environment) continue;
    return { ...walk, shadow: { name, environment, hosts: lost.hosts, winner: { source, span: winner } } };
  }
  return walk;
}

function moveOrigin(value: PlacedExpression, trace: Trace, walk: Walk): Walk {
  const leaf = leaves(value.expression).find((candidate) =>
    trace.index.observationAt(value.source, candidate),
  );
  if (!leaf) return walk;
  trace.farthest = { source: value.source, expression: leaf };
  return { ...walk, origin: trace.farthest };
}
