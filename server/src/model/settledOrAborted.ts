import { addAbortListener } from 'node:events';

/** Waits until work has settled, in whichever way, or a signal fires, whatever is first. Never rejects. */
export async function settledOrAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let listening: Disposable | undefined;
  const aborted = new Promise<void>((resolve) => (listening = addAbortListener(signal, () => resolve())));
  await Promise.race([Promise.allSettled([work]), aborted]);
  listening?.[Symbol.dispose]();
}
