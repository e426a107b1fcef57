import type { EvaluationError } from '../check/report.ts';
import type { SourceRange } from '../model/location.ts';
import { adviceFor } from './advice.ts';
import { NixFailure } from './failure.ts';
import type { NixErrorMessage, NixPosition } from './messages.ts';

/**
 * Turns what went wrong into errors for people.
 *
 * @param isWorkspaceFile tells whether an absolute path is one of the user's own
 *   files; an error is shown at the innermost place in one of those
 */
export function describeFailure(
  error: unknown,
  isWorkspaceFile: (file: string) => boolean,
): EvaluationError[] {
  if (!(error instanceof NixFailure)) {
    return [{ message: error instanceof Error ? error.message : String(error) }];
  }
  if (error.reason !== 'evaluation' || error.errors.length === 0) {
    return [withAdvice({ message: sentence(error.message) }, adviceFor(error.reason, error.message))];
  }
  return error.errors.map((message) => describeError(message, isWorkspaceFile));
}

function describeError(error: NixErrorMessage, isWorkspaceFile: (file: string) => boolean): EvaluationError {
  const positions = [error.position, ...error.trace.map((frame) => frame.position)].filter(
    (position) => position !== undefined && position.file.startsWith('/'),
  );
  const innermost = positions[0];
  const place =
    positions.find((position) => position !== undefined && isWorkspaceFile(position.file)) ?? innermost;
  const message = sentence(error.message);
  return withAdvice(
    {
      message:
        innermost && place !== innermost
          ? `${message}\n(raised at ${innermost.file}:${innermost.line}:${innermost.column})`
          : message,
      ...(place && { source: sourceRange(place, error.fullText) }),
    },
    adviceFor('evaluation', error.message),
  );
}

function withAdvice(error: EvaluationError, advice: string | undefined): EvaluationError {
  return advice === undefined ? error : { ...error, advice };
}

function sentence(text: string): string {
  return text === '' ? 'Nix failed and did not say why' : text;
}

/**
 * Nix counts lines and columns from one, and columns in bytes. The code that it
 * quotes below a position tells the UTF-16 column and where the token ends.
 */
function sourceRange(position: NixPosition, fullText: string): SourceRange {
  const code = quotedLine(position, fullText);
  const line = Math.max(0, position.line - 1);
  const bytes = Math.max(0, position.column - 1);
  const start =
    code === undefined ? bytes : Buffer.from(code, 'utf8').subarray(0, bytes).toString('utf8').length;
  const token = /^(?:[A-Za-z_][\w'-]*|\d+|"[^"]*"|\S)/.exec(code?.slice(start) ?? '')?.[0] ?? ' ';
  return {
    file: position.file,
    range: { start: { line, character: start }, end: { line, character: start + token.length } },
  };
}

/** The line of code that Nix quotes for a position: `  12| code`. */
function quotedLine({ file, line, column }: NixPosition, fullText: string): string | undefined {
  const place = `${file}:${line}:${column}`;
  const after = fullText.indexOf(place);
  if (after === -1) return undefined;
  const prefix = new RegExp(`^ *${line}\\| ?(.*)$`);
  for (const text of fullText.slice(after).split('\n', 8)) {
    const code = prefix.exec(text)?.[1];
    if (code !== undefined) return code;
  }
  return undefined;
}
