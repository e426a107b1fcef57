import type { Notice } from '../../snapshot/snapshot.ts';
import { changed, unchanged, withEvaluation, type Handlers } from '../state.ts';

export interface RunEvents {
  /** The run of an evaluation begins. */
  readonly 'run-started': { readonly key: string };
  readonly 'run-stepped': { readonly key: string; readonly step: string };
  readonly 'run-cancelled': { readonly key: string };
  /** It is looked for what to evaluate. */
  readonly 'preparation-started': object;
  readonly 'preparation-stepped': { readonly step: string };
  /** That ended: by itself, or because nobody wants it any more. */
  readonly 'preparation-ended': { readonly notice?: Notice };
  readonly 'preparation-cancelled': object;
  /** What is missing is fetched; also while something is evaluated. */
  readonly 'fetch-started': object;
  readonly 'fetch-stepped': { readonly step: string };
  readonly 'fetch-ended': object;
}

const starting = { step: 'starting' };
const cancelled: Notice = { message: 'The evaluation was cancelled.' };

export const runEvents: Handlers<RunEvents> = {
  'run-started': (state, { key }) => {
    const evaluations = withEvaluation(state.snapshot, key, () => ({ running: starting, notice: undefined }));
    return changed(state, { evaluations }, ['run']);
  },
  'run-stepped': (state, { key, step }) => {
    const evaluations = withEvaluation(state.snapshot, key, ({ running }) => ({
      running: running && { step },
    }));
    return changed(state, { evaluations }, ['run']);
  },
  'run-cancelled': (state, { key }) => {
    const evaluations = withEvaluation(state.snapshot, key, ({ running, notice, evaluated }) => ({
      running: undefined,
      notice: running ? cancelled : notice,
      // What was cancelled is not tried again unasked.
      evaluated: evaluated && { ...evaluated, isToBeProven: false },
    }));
    return changed(state, { evaluations }, ['run']);
  },
  'preparation-started': (state) => changed(state, { preparing: starting, notice: undefined }, ['run']),
  'preparation-stepped': (state, { step }) =>
    state.snapshot.preparing ? changed(state, { preparing: { step } }, ['run']) : unchanged(state),
  'preparation-ended': (state, { notice }) =>
    changed(state, { preparing: undefined, ...(notice && { notice }) }, ['run']),
  'preparation-cancelled': (state) => changed(state, { preparing: undefined, notice: cancelled }, ['run']),
  'fetch-started': (state) => changed(state, { fetching: starting, notice: undefined }, ['run']),
  'fetch-stepped': (state, { step }) =>
    state.snapshot.fetching ? changed(state, { fetching: { step } }, ['run']) : unchanged(state),
  'fetch-ended': (state) => changed(state, { fetching: undefined }, ['run']),
};
