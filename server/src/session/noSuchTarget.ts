/** There is nothing to evaluate where somebody asked for it; the message says what to do. */
export class NoSuchTargetError extends Error {
  override readonly name = 'NoSuchTargetError';
}
