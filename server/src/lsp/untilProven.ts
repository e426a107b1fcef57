import { evaluationsBeingProven } from '../features/codeActions.ts';
import type { Range } from '../model/location.ts';
import { inSlices } from '../model/slices.ts';
import type { Session } from '../session/session.ts';
import { isBeingProven } from '../snapshot/snapshot.ts';

/** Longer than this, in milliseconds, nobody waits for a menu. */
const patience = 5000;

/**
 * Settles once the repairs of what is shown at a range are proven, where that
 * is under way: a menu that is open cannot be changed any more. Where it takes
 * too long, the menu says that they are being proven.
 */
export async function untilProven(
  session: Session,
  file: string,
  range: Range,
  asked: AbortSignal,
): Promise<void> {
  const awaited = await inSlices(evaluationsBeingProven(session.snapshot, file, range), asked);
  if (awaited.size === 0) return;
  await session.until(
    ({ evaluations }) => !evaluations.some((of) => awaited.has(of.key) && isBeingProven(of)),
    AbortSignal.any([asked, AbortSignal.timeout(patience)]),
  );
}
