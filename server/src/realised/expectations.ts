import type { CanRun } from '../binary/systemCode.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import { unknownSystem } from '../derivation/hostPlatform.ts';
import type { Derivation, DerivationId } from '../model/derivation.ts';
import type { Leak, Severity } from '../model/judgement.ts';
import type { System } from '../model/system.ts';
import type { ExpectedSystem } from '../model/verification.ts';
import type { RuntimeClosure } from '../nix/runtimeClosure.ts';

/** What the files of one store path should be for. */
export interface PathExpectation {
  readonly system: System;
  /** How wrong it is where a file runs on no machine of that system; undefined: it is made so on purpose. */
  readonly severity: Severity | undefined;
  /** Why it is no error. */
  readonly reason?: string;
  /** Set where the derivation makes it for a system that does not run there: then these files are as they should be. */
  readonly madeFor?: System;
  readonly derivation?: Derivation;
  /** It is for another system, and what refers to it is not. */
  readonly isEntry: boolean;
}

export interface ExpectationInput {
  readonly expected: ExpectedSystem;
  readonly closure: RuntimeClosure;
  /** The store paths that were asked for. */
  readonly asked: ReadonlySet<string>;
  readonly graph: DerivationGraph | undefined;
  /** What is wrong with the graph by its edges. */
  readonly leaks: readonly Leak[];
  readonly derivers: ReadonlyMap<string, string>;
  readonly canRun: CanRun;
}

/** Which platform each path of a runtime closure should have. */
export function expectationsOf(input: ExpectationInput): ReadonlyMap<string, PathExpectation> {
  const { closure, expected, canRun } = input;
  const derivations = new Map(closure.paths.map((path) => [path, derivationOf(path, input)]));
  const unfit = new Map<string, System>();
  for (const [path, derivation] of derivations) {
    const host = derivation && hostOf(derivation);
    if (host !== undefined && !canRun(host, expected.system)) unfit.set(path, host);
  }
  const mistaken = mistakenSystems(input, unfit);
  const foreign = new Map([...unfit].filter(([, host]) => !mistaken.has(host)));
  const referrers = referrersOf(closure);
  return new Map(
    [...derivations].map(([path, derivation]) => {
      const madeFor = unfit.get(path);
      const isEntry =
        foreign.has(path) &&
        (input.asked.has(path) || (referrers.get(path) ?? []).some((referrer) => !foreign.has(referrer)));
      const severity = severityOf(path, derivation, foreign.get(path), isEntry, input);
      return [
        path,
        {
          system: expected.system,
          ...severity,
          isEntry,
          ...(madeFor !== undefined && { madeFor }),
          ...(derivation && { derivation }),
        },
      ];
    }),
  );
}

/**
 * Where somebody said on what it has to run, and what was asked for is made
 * for another system: then nothing of that system is there on purpose.
 */
function mistakenSystems(
  { expected, asked }: ExpectationInput,
  unfit: ReadonlyMap<string, System>,
): ReadonlySet<System> {
  return new Set(expected.source === 'given' ? [...asked].flatMap((path) => unfit.get(path) ?? []) : []);
}

function derivationOf(path: string, { graph, derivers }: ExpectationInput): Derivation | undefined {
  if (!graph) return undefined;
  const deriver = derivers.get(path);
  const id =
    graph.findByOutputPath(path) ?? (deriver === undefined ? undefined : graph.findByDrvPath(deriver));
  return id === undefined ? undefined : graph.derivation(id);
}

/** Undefined where it has none, or none that is known. */
function hostOf({ host }: Derivation): System | undefined {
  return host.kind === 'system' && host.system !== unknownSystem ? host.system : undefined;
}

function referrersOf({ references }: RuntimeClosure): ReadonlyMap<string, readonly string[]> {
  const referrers = new Map<string, string[]>();
  for (const [from, paths] of references) {
    for (const path of paths) {
      const known = referrers.get(path);
      if (known) known.push(from);
      else referrers.set(path, [from]);
    }
  }
  return referrers;
}

type Verdict = Pick<PathExpectation, 'severity' | 'reason'>;

function severityOf(
  path: string,
  derivation: Derivation | undefined,
  madeFor: System | undefined,
  isEntry: boolean,
  { expected, asked, leaks, derivers }: ExpectationInput,
): Verdict {
  const isAsked = asked.has(path);
  const isGiven = expected.source === 'given';
  if (isAsked && isGiven) return { severity: 'error' };
  if (!derivation) {
    if (!isAsked && !derivers.has(path))
      return { severity: 'info', reason: 'no derivation has made it: it is a source' };
    return expected.assumed ? onAssumption() : { severity: 'error' };
  }
  if (derivation.host.kind === 'neutral')
    return { severity: 'info', reason: 'its derivation has the same outputs on every system' };
  const isAssumed = derivation.host.certainty === 'assumed' && !isGiven;
  if (madeFor === undefined) return isAssumed || expected.assumed ? onAssumption() : { severity: 'error' };
  if (!isEntry) return { severity: undefined };
  if (isWrongInput(derivation.id, leaks)) return { severity: 'error' };
  return derivation.host.certainty === 'assumed' ? onAssumption() : { severity: undefined };
}

function onAssumption(): Verdict {
  return {
    severity: 'warning',
    reason: 'where it has to run is only assumed; on the command line, --expect SYSTEM says it',
  };
}

function isWrongInput(id: DerivationId, leaks: readonly Leak[]): boolean {
  return leaks.some(({ input, severity }) => input === id && severity === 'error');
}
