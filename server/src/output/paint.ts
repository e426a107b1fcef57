import { randomUUID } from 'node:crypto';

/** Paints text for a terminal; the identity where there is none. */
export interface Paint {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/**
 * Stands before each of our own colours until the text is printed (`terminalText`
 * of `shown.ts`). Nobody else's text can hold it, so nobody else's colours pass.
 */
export const paintMark = `\u001b${randomUUID()}`;

const identity = (text: string): string => text;
export const plainPaint: Paint = {
  red: identity,
  yellow: identity,
  green: identity,
  bold: identity,
  dim: identity,
};

/** Terminal colours by the ECMA-48 sequences. */
const terminalPaint: Paint = {
  red: painted(31, 39),
  yellow: painted(33, 39),
  green: painted(32, 39),
  bold: painted(1, 22),
  dim: painted(2, 22),
};

function painted(on: number, off: number): (text: string) => string {
  return (text) => `${paintMark}${on}m${text}${paintMark}${off}m`;
}

/** How to paint for a terminal, or for anything else. */
export function paintFor(isTerminal: boolean): Paint {
  return isTerminal ? terminalPaint : plainPaint;
}
