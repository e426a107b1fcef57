import { likelyHost } from '../check/hostSystems.ts';
import { namedSystem } from '../check/intended/namedSystem.ts';
import type { CauseKind, Report } from '../model/report.ts';
import { runsOn, type System } from '../model/system.ts';
import { unwrap } from '../syntax/ast.ts';
import type { PlacedExpression } from '../attribution/placedExpression.ts';
import type { ConsumerCause } from './consumerEnd.ts';
import type { Candidate } from './repair.ts';

/** Of a leak, whose platform is the one that is meant; undefined where nothing tells. */
export type MeantEnd = 'consumers' | 'input' | undefined;

/** Does a cause name a system, so that somebody may have meant it? */
export function namesSystem(kind: CauseKind): boolean {
  return kind === 'hard-coded-system' || kind === 'wrong-flake-system';
}

/** The two ends of a leak, as far as their platforms are known. */
export interface Ends {
  /** The system that the consumers need. */
  readonly needs: System;
  /** The system that the input has, which is named in the source. */
  readonly has: System;
  /** Where the input's system is named. */
  readonly place: PlacedExpression | undefined;
  readonly consumers: readonly ConsumerCause[];
}

/**
 * Which end of a leak has the platform that is meant. What was asked for tells,
 * or the name of the output; without those, a machine's system is meant, and a
 * consumer that merely follows the evaluating machine was not meant for it.
 */
export function meantEnd(report: Report, { needs, has, place, consumers }: Ends): MeantEnd {
  const intended = intendedSystem(report);
  if (intended !== undefined && runsOn(needs, intended) !== 'no') return 'consumers';
  if (intended !== undefined && runsOn(has, intended) !== 'no') return 'input';
  const followsMachine =
    consumers.length > 0 && consumers.every(({ cause, place: of }) => isImplicit(cause.kind, of));
  return followsMachine || isOfMachine(place) ? 'input' : undefined;
}

/** Where the outputs of a target are meant to run; undefined where nothing says so. */
function intendedSystem({ request, evaluatedAs, graph }: Report): System | undefined {
  if (request.expect !== undefined) return request.expect;
  const named = namedSystem(request.target, evaluatedAs);
  if (named) return named.system;
  const root = graph.derivation(graph.root);
  // A machine is what its configuration says.
  return /^(?:nixos|darwin)-system-/.test(root.name) ? likelyHost(root) : undefined;
}

/** Follows the machine without saying so: `{ system ? builtins.currentSystem }` says it. */
function isImplicit(kind: CauseKind, { source, expression }: PlacedExpression): boolean {
  if (kind === 'package-set-without-system' || kind === 'shadowed-with') return true;
  if (kind !== 'current-system') return false;
  const parent = source.scopes.parentOf(expression);
  return parent?.kind !== 'lambda';
}

/** Is a system written in the source at no more than one place? */
export function isOnlyMention({ sources }: Report, system: System): boolean {
  let mentions = 0;
  for (const text of sources.values())
    for (let at = text.indexOf(system); at >= 0; at = text.indexOf(system, at + 1))
      if (++mentions > 1) return false;
  return true;
}

/** Is an expression the `system` that `nixosSystem { … }` or its like is told? A machine is never wrong because of its user. */
export function isOfMachine(place: PlacedExpression | undefined): boolean {
  if (!place) return false;
  const { source, expression } = place;
  const set = source.scopes.parentOf(expression);
  const call = set?.kind === 'attribute-set' ? source.scopes.parentOf(set) : undefined;
  if (call?.kind !== 'apply') return false;
  const fn = unwrap(call.fn);
  const last = fn.kind === 'select' ? fn.path.at(-1) : undefined;
  const name = fn.kind === 'variable' ? fn.name : last?.kind === 'static' ? last.name : undefined;
  return name === 'nixosSystem' || name === 'darwinSystem';
}

/**
 * The candidates for both ends of a leak in the order in which they are tried:
 * what may change what was meant last, and before it what writes a system down.
 */
export function inOrder(candidates: readonly Candidate[]): Candidate[] {
  const rank = ({ isDoubtful, isWrittenDown }: Candidate): number =>
    (isDoubtful ? 2 : 0) + (isWrittenDown ? 1 : 0);
  return [...candidates].sort((one, other) => rank(one) - rank(other));
}
