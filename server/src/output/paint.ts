/** Paints text for a terminal; the identity where there is none. */
export interface Paint {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

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
  red: (text) => `\u001b[31m${text}\u001b[39m`,
  yellow: (text) => `\u001b[33m${text}\u001b[39m`,
  green: (text) => `\u001b[32m${text}\u001b[39m`,
  bold: (text) => `\u001b[1m${text}\u001b[22m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** How to paint for a terminal, or for anything else. */
export function paintFor(isTerminal: boolean): Paint {
  return isTerminal ? terminalPaint : plainPaint;
}
