import type { Cause, CauseKind, CauseStep, Reason } from '../model/report.ts';
import type { System } from '../model/system.ts';
import type { Span } from '../syntax/ast.ts';
import { rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** Why an expression has its platform, with the place of what chose it; without one where that is unknown. */
export interface TracedCause extends Cause, Reason {}

/** A `with` that has a name, yet loses against a lexical binding of it. */
export interface Shadow {
  readonly name: string;
  readonly environment: PlacedExpression;
  readonly hosts: readonly System[];
  /** The binding that won. */
  readonly winner: { readonly source: SourceFile; readonly span: Span };
}

/** The expression that chose a platform, and how. */
export interface CauseChoice {
  readonly kind: CauseKind;
  readonly source: SourceFile;
  readonly span: Span;
  /** A clause that begins in lower case and has no full stop. */
  readonly reason: string;
}

/** Words a cause; where a `with` lost on the way to it, that is the cause that people look for. */
export function describeCause(
  { kind, source, span, reason }: CauseChoice,
  steps: readonly CauseStep[],
  shadow: Shadow | undefined,
): TracedCause {
  const range = rangeIn(source, span);
  const text = textOf(source, span);
  const last = { source: range, text, message: reason };
  if (!shadow) {
    return { kind, source: range, text, message: `${capitalize(reason)}.`, steps: [...steps, last] };
  }
  const { environment, winner, name } = shadow;
  const lost = `with ${describeSpan(environment.source, environment.expression)}`;
  const host = shadow.hosts.length > 0 ? ` (${shadow.hosts.join(', ')})` : '';
  return {
    kind: 'shadowed-with',
    source: range,
    text,
    message:
      `\`${name}\` is not the one of \`${lost}\`${host} in line ${lineOf(environment.source, environment.expression)}: ` +
      `the binding of \`${name}\` in line ${lineOf(winner.source, winner.span)} shadows it, ` +
      `because a lexical binding always wins over \`with\`. ${capitalize(reason)}.`,
    steps: [
      ...steps,
      {
        source: rangeIn(environment.source, environment.expression),
        text: textOf(environment.source, environment.expression),
        message: `this \`with\` has a \`${name}\` too${host}, and loses against the lexical binding`,
      },
      last,
    ],
  };
}

/** What is said where no expression could be named. */
export function unknownCause(): TracedCause {
  return { kind: 'unknown', message: 'What chose its system could not be told from the source.', steps: [] };
}

/** A stretch of source in one line, shortened for a message. */
export function describeSpan(source: SourceFile, span: Span): string {
  return describeText(textOf(source, span));
}

/** The same of a text; the lines of a string in it say nothing of it. */
export function describeText(source: string): string {
  const text = source
    .replace(/''(?:[^']|'(?!'))*''/g, (string) => (string.includes('\n') ? "''…''" : string))
    .replace(/\s+/g, ' ');
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function lineOf(source: SourceFile, span: Span): number {
  return source.lines.positionAt(span.start).line + 1;
}

function capitalize(text: string): string {
  return text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}
