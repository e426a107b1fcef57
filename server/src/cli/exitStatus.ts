import { verdictOfEvaluation, type EvaluationResult, type Verdict } from '../output/results.ts';
import type { ExitStatus } from './commandEnvironment.ts';

const statusOfVerdict: Readonly<Record<Verdict, ExitStatus>> = {
  clean: 0,
  warned: 0,
  leaking: 1,
  unknown: 2,
};

export function statusOf(evaluation: EvaluationResult): ExitStatus {
  return statusOfVerdict[verdictOfEvaluation(evaluation)];
}

/** Of several evaluations, the highest. */
export function worstOf(statuses: readonly ExitStatus[]): ExitStatus {
  return statuses.reduce<ExitStatus>((worst, status) => (status > worst ? status : worst), 0);
}
