import { constants, getPriority, setPriority } from 'node:os';

let isBackground = false;

/**
 * From now on, evaluations of this process leave the processor to whoever wants
 * it: the editor and the server answer a person who types.
 */
export function runInBackground(): void {
  isBackground = true;
}

/** Gives a process that was just started, and all that it starts, the priority of an evaluation. */
export function setPriorityOf(id: number): void {
  if (!isBackground) return;
  try {
    // Nobody may raise what was lowered for this process.
    setPriority(id, Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
  } catch (error) {
    // It has ended already, which its exit tells.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
