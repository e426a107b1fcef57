import { unreachedFiles } from '../snapshot/activeEvaluations.ts';
import { Debounce } from './debounce.ts';
import type { SessionParts } from './parts.ts';
import type { Schedule } from './schedule.ts';
import { delays, isKnown } from './state.ts';
import type { StateStore } from './stateStore.ts';
import type { TargetChoice } from './targetChoice.ts';
import type { TargetSearch } from './targetSearch.ts';

/** Evaluates open files that no chosen target reaches, once these have come out. */
export class Companions {
  readonly #store: StateStore;
  readonly #choice: TargetChoice;
  readonly #search: TargetSearch;
  readonly #schedule: Schedule;
  readonly #logError: SessionParts['logError'];
  readonly #soon = new Debounce(() => this.accompany());

  constructor(
    store: StateStore,
    choice: TargetChoice,
    search: TargetSearch,
    schedule: Schedule,
    logError: SessionParts['logError'],
  ) {
    this.#store = store;
    this.#choice = choice;
    this.#search = search;
    this.#schedule = schedule;
    this.#logError = logError;
  }

  /** Documents were opened or closed: an editor that starts opens hundreds, which are looked at together. */
  accompanySoon(): void {
    this.#soon.soon(delays.open);
  }

  /** Nothing more is started. */
  dispose(): void {
    this.#soon.cancel();
  }

  /** An evaluation has come out, or others may be wanted. */
  accompany(): void {
    this.#soon.cancel();
    const { trusted, preparing, fetching } = this.#store.snapshot;
    if (!trusted || preparing || fetching) return;
    this.#choice.activate();
    const { snapshot } = this.#store;
    if (!snapshot.settings['evaluation.onOpen'] || !isKnown(snapshot)) return;
    this.#schedule.startMissing('unasked');
    const unreached = unreachedFiles(this.#store.snapshot);
    if (unreached.length > 0) void this.#findIn(unreached);
  }

  async #findIn(files: readonly string[]): Promise<void> {
    try {
      await this.#search.findIn(files);
      this.#schedule.startMissing('unasked');
    } catch (error) {
      this.#logError('The open files could not be evaluated.', error);
    }
  }
}
