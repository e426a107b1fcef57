import { writeFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

let isBackground = false;

/**
 * From now on, evaluations of this process leave the processor to whoever wants
 * it: the editor and the server answer a person who types.
 */
export function runInBackground(): void {
  isBackground = true;
}

/**
 * Gives a process that was just started as the first of a session, and all that it starts, the priority of an evaluation.
 *
 * @param isRunning whether the id is still that of this process
 */
export function setPriorityOf(id: number, isRunning: () => boolean): void {
  if (!isBackground) return;
  try {
    // Nobody may raise what was lowered for this process.
    setPriority(id, Math.max(getPriority(), evaluating));
  } catch (error) {
    // It has ended already, which its exit tells.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
  setPriorityOfSession(id, isRunning, mostTries);
}

const evaluating = constants.priority.PRIORITY_BELOW_NORMAL;

/**
 * Of a session: it has a third of the processor time that another busy one has.
 * With 10 it would have a tenth, and on a machine that is full of work an
 * evaluation would not come to its end within its limit of time.
 */
const evaluatingSession = 5;

/** Linux lets this be set once within 100 ms, for all processes of the machine together; half a dozen may be started at once. */
const retryMs = 110;
const mostTries = 20;

/**
 * The same for its session: where Linux shares the processor among sessions
 * (sched(7), "The autogroup feature"), the priority of a process holds among
 * those of its own session only, and each Nix begins one, which starts with 0.
 */
function setPriorityOfSession(id: number, isRunning: () => boolean, tries: number): void {
  if (!isRunning()) return;
  try {
    // Opened for writing only where it is there: it is absent on other systems, and where the kernel has no such groups.
    writeFileSync(`/proc/${id}/autogroup`, String(evaluatingSession), { flag: 'r+' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'EAGAIN' || tries <= 1) return;
    setTimeout(() => setPriorityOfSession(id, isRunning, tries - 1), retryMs).unref();
  }
}
