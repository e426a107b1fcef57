import type { EvaluationArguments } from '../../server/src/model/target.ts';

/** Arguments of which only some are given. */
export function evaluationArguments(given: Partial<EvaluationArguments> = {}): EvaluationArguments {
  return { arg: [], argstr: [], include: [], option: [], ...given };
}
