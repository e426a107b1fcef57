import type { JudgementContext } from '../../server/src/model/judgementContext.ts';
import { judgeClosure } from '../../server/src/check/judge.ts';
import type { DerivationGraph } from '../../server/src/model/derivationGraph.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import type { Judgement } from '../../server/src/model/judgement.ts';
import { SyntheticStore, type StoredDerivation } from './syntheticStore.ts';

export const linux: JudgementContext = { localSystem: 'x86_64-linux', extraPlatforms: ['i686-linux'] };

export interface JudgedClosure {
  readonly graph: DerivationGraph;
  readonly judgement: Judgement;
  /** The findings as `severity rule: consumer → input`, worst first. */
  readonly findings: readonly string[];
}

/** Writes a closure, loads and judges it. */
export async function judge(
  write: (store: SyntheticStore) => StoredDerivation,
  context: JudgementContext = linux,
): Promise<JudgedClosure> {
  using store = new SyntheticStore();
  const graph = await loadClosure(write(store).drvPath);
  const judgement = judgeClosure(graph, context);
  const nameOf = (id: number): string => graph.derivation(id).name;
  const findings = judgement.leaks.flatMap(({ edges }) =>
    edges.map(
      ({ severity, rule, consumer, input }) => `${severity} ${rule}: ${nameOf(consumer)} → ${nameOf(input)}`,
    ),
  );
  return { graph, judgement, findings };
}
