import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';

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

/**
 * Node's own table of colours, by which `styleText` paints too; that one puts
 * the bare sequences into the text, and ours stand behind a mark.
 */
const terminalPaint: Paint = {
  red: painted('red'),
  yellow: painted('yellow'),
  green: painted('green'),
  bold: painted('bold'),
  dim: painted('dim'),
};

function painted(name: keyof Paint): (text: string) => string {
  const [on, off] = inspect.colors[name] ?? [0, 0];
  return (text) => `${paintMark}${on}m${text}${paintMark}${off}m`;
}

/** How to paint for a terminal, or for anything else. */
export function paintFor(isTerminal: boolean): Paint {
  return isTerminal ? terminalPaint : plainPaint;
}
