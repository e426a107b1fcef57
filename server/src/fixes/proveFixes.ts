import { withLevels, type PolicedReport } from '../check/policy.ts';
import type { AttributedLeak } from '../model/report.ts';
import { platformsOfLeak } from '../check/leaks.ts';
import { probeLevels } from '../probing/probes.ts';
import type { Evaluator, RepairedClosure, RunOptions } from '../running/evaluator.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { Leak } from '../model/judgement.ts';
import { Deadline } from '../nix/deadline.ts';
import { parseSystem } from '../model/system.ts';
import type { NixParser } from '../syntax/parser.ts';
import { applyEdits } from './applyEdits.ts';
import type { Fix, FixProof, SourceEdit } from './fix.ts';
import { proposeFixes, type Proposal } from './proposeFixes.ts';
import type { Candidate } from './repair.ts';
import { inSlices } from '../model/slices.ts';

/** At most so many candidates of one cause are evaluated. */
const candidatesPerCause = 4;

/**
 * Finds repairs for a report's leaks and evaluates each one. A repair is proven
 * when the repaired source evaluates to a root for the same platforms, or for
 * those that were meant where the root had been for others, the
 * leaks of its cause are gone, no other leak has come, and no less of the
 * closure could be read. Proven ones come first.
 *
 * All proofs together take no longer than one run may; what is left then stays
 * unproven.
 *
 * @param isWanted tells for which leaks repairs are looked for; left out: for all
 */
export async function proveFixes(
  report: PolicedReport,
  parser: NixParser,
  evaluator: Evaluator,
  options: RunOptions,
  isWanted: (leak: AttributedLeak) => boolean = () => true,
): Promise<Fix[]> {
  const fixes: Fix[] = [];
  using deadline = new Deadline(options.limits.timeoutMs);
  const limited = { ...options, signal: AbortSignal.any([options.signal, deadline.signal]) };
  for (const proposal of await inSlices(proposeFixes(report, parser))) {
    if (!proposal.leaks.some(isWanted)) continue;
    for (const candidate of distinct(proposal.candidates).slice(0, candidatesPerCause)) {
      if (options.signal.aborted) return fixes;
      const proof: FixProof = deadline.signal.aborted
        ? { kind: 'unproven', reason: 'there was no time left to evaluate it' }
        : await prove(candidate, proposal, report, evaluator, limited);
      const repairs = proposal.leaks.map((leak) => leak.input);
      fixes.push({ title: candidate.title, edits: candidate.edits, repairs, proof });
    }
  }
  return fixes.sort((a, b) => Number(a.proof.kind === 'unproven') - Number(b.proof.kind === 'unproven'));
}

async function prove(
  candidate: Candidate,
  { leaks }: Proposal,
  report: PolicedReport,
  evaluator: Evaluator,
  options: RunOptions,
): Promise<FixProof> {
  const level = probeLevels[report.probes.level ?? -1];
  if (level === undefined)
    return { kind: 'unproven', reason: 'the source could not be evaluated from copies' };
  const overlays = applyEdits(candidate.edits, report.sources);
  const outcome = await evaluator.runRepaired(report.request, overlays, level, options);
  switch (outcome.kind) {
    case 'cancelled':
      return { kind: 'unproven', reason: 'the evaluation was cancelled' };
    case 'failed':
      return {
        kind: 'unproven',
        reason: outcome.errors[0]?.message ?? 'the repaired source does not evaluate',
      };
    case 'closure':
      return compare(report, outcome.closure, leaks);
  }
}

/**
 * Did exactly the leaks of this cause go, and is it still the same root? Leaks
 * are told apart by how they were judged, since a suppression of the source
 * changes what is shown and not what is there.
 */
function compare(
  before: PolicedReport,
  after: RepairedClosure,
  repaired: readonly AttributedLeak[],
): FixProof {
  const [was, is] = [rootPlatforms(before.graph), rootPlatforms(after.graph)];
  const isMoved = was !== is;
  if (isMoved && !isMeant(after.graph, repaired))
    return { kind: 'unproven', reason: `the root would be built ${is}, not ${was}` };
  if (after.graph.gaps.length > before.graph.gaps.length)
    return { kind: 'unproven', reason: 'the repaired closure could not be read whole' };
  const keysOf = (leaks: readonly Leak[]): Set<string> =>
    new Set(leaks.map((leak) => leakKey(leak, before.graph)));
  const inputs = new Set(repaired.map(({ input }) => input));
  const repairedKeys = keysOf(before.judgement.leaks.filter(({ input }) => inputs.has(input)));
  const old = keysOf(before.judgement.leaks);
  for (const key of repairedKeys) old.delete(key);
  const isWrong = (leak: Leak): boolean => (withLevels(leak, before.levels)?.severity ?? 'info') !== 'info';
  const remaining = after.judgement.leaks.filter(isWrong);
  const stays = remaining.find((leak) => repairedKeys.has(leakKey(leak, after.graph)));
  if (stays)
    return { kind: 'unproven', reason: `${after.graph.derivation(stays.input).name} would still be wrong` };
  const added = remaining.find((leak) => !old.has(leakKey(leak, after.graph)));
  if (added) {
    return { kind: 'unproven', reason: `${after.graph.derivation(added.input).name} would be wrong instead` };
  }
  if (isMoved) return { kind: 'proven', statement: `built ${is} instead of ${was}` };
  return { kind: 'proven', statement: statement(before, after, repaired) };
}

/** Is the repaired root for a platform that was meant, where something had been for another one as a whole? */
function isMeant(graph: DerivationGraph, repaired: readonly AttributedLeak[]): boolean {
  const { system, host } = graph.derivation(graph.root);
  const platforms = host.kind === 'system' ? [system, host.system] : [system];
  return repaired.some(({ edges, faults }) =>
    [...edges, ...faults].some(
      ({ rule, needs }) => rule === 'expected-platform' && needs.some((needed) => platforms.includes(needed)),
    ),
  );
}

function rootPlatforms(graph: DerivationGraph): string {
  const { system, host } = graph.derivation(graph.root);
  return host.kind === 'system' && host.system !== system
    ? `on ${system} for ${host.system}`
    : `on ${system}`;
}

/** Names a leak across two closures, whose store paths differ. */
function leakKey(leak: Leak, graph: DerivationGraph): string {
  const { name } = graph.derivation(leak.input);
  return `${name} ${platformsOfLeak(leak).runsOn[0] ?? ''} ${leak.rule}`;
}

/** E.g. "543 → 0 darwin-built". */
function statement(
  before: PolicedReport,
  after: RepairedClosure,
  repaired: readonly AttributedLeak[],
): string {
  const systems = new Set(repaired.map((leak) => before.graph.system(leak.input)));
  const own = before.graph.system(before.graph.root);
  // Cross-compiled inputs are built where they should be; they only run elsewhere.
  if (systems.has(own)) return `${repaired.length} → 0 wrong inputs`;
  const ownKernel = parseSystem(own).kernel;
  const counts = [...systems].map((system) => {
    const { kernel } = parseSystem(system);
    const from = before.judgement.bySystem.get(system) ?? 0;
    const to = after.judgement.bySystem.get(system) ?? 0;
    // Another leak brings in the same derivations.
    if (from === to) return `${repaired.length} → 0 wrong inputs`;
    return `${from} → ${to} ${kernel === '' || kernel === ownKernel ? system : kernel}-built`;
  });
  return counts.join(', ');
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const key = JSON.stringify(
      candidate.edits.map((edit: SourceEdit) => [edit.file, edit.range, edit.newText]),
    );
    if (!seen.has(key)) seen.set(key, candidate);
  }
  return [...seen.values()];
}
