/** Calls an action once, after the calls for it have ceased. */
export class Debounce {
  readonly #action: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(action: () => void) {
    this.#action = action;
  }

  /** @param delay in milliseconds, counted anew by each call */
  soon(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#action, delay);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
