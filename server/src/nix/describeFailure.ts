import { RefusedTargetError, type EvaluationError } from '../model/evaluationError.ts';
import type { SourceRange } from '../model/location.ts';
import { adviceFor } from './advice.ts';
import { neededDownload, urlBeingFetched, type Download } from './downloads.ts';
import { NixFailure } from './failure.ts';
import { MissingInputsError, UnlockedInputsError } from './missingInputsError.ts';
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
  if (error instanceof MissingInputsError) {
    const { message, advice, flake, place: source } = error;
    return [{ message, ...(source && { source }), advice, action: { kind: 'fetch-inputs', flake } }];
  }
  if (error instanceof UnlockedInputsError) {
    const { message, advice, flake, place: source } = error;
    return [{ message, ...(source && { source }), advice, action: { kind: 'lock', flake } }];
  }
  if (error instanceof RefusedTargetError) return [...error.errors];
  if (!(error instanceof NixFailure)) {
    const message = error instanceof Error ? error.message : String(error);
    return [withAdvice({ message }, adviceFor('evaluation', message))];
  }
  if (error.reason !== 'evaluation' || error.errors.length === 0) {
    return [withAdvice({ message: sentence(error.message) }, adviceFor(error.reason, error.message))];
  }
  const described = describeErrors(error.errors, isWorkspaceFile);
  const lock = newerLock(error.errors);
  if (lock !== undefined) return [lock];
  const download = neededDownload(error);
  if (download) return [describeDownload(download, described)];
  const fetched = urlBeingFetched(error);
  return [fetched === undefined ? described : { ...described, fetched }];
}

/**
 * A lock file that a newer Nix has written, in one sentence (Nix source: the
 * fetchers' `inputFromAttrs`, and `lockfile.cc`).
 */
function newerLock(errors: readonly NixErrorMessage[]): EvaluationError | undefined {
  const pattern =
    /unsupported (?:\S+ )?input attribute '[^']*'|input attribute '[^']*' (?:is )?not supported|lock file '[^']*' has unsupported version '?\d+'?/;
  for (const { message } of errors) {
    const unknown = pattern.exec(message)?.[0];
    if (unknown === undefined) continue;
    return {
      message: `This flake needs a newer Nix than the one at hand, which does not understand its lock file (${unknown}).`,
      advice: 'Name the folder of a newer one: `--nix FOLDER`; in the editor nixPlatformLens.nix.directory.',
    };
  }
  return undefined;
}

/** What has to be fetched, from where and by which line; what Nix said of it is that it could not. */
function describeDownload({ url }: Download, { message, source }: EvaluationError): EvaluationError {
  return {
    message:
      url === undefined
        ? `This needs the network, and nothing is downloaded unasked: ${message}`
        : `This needs ${url} from the network, and nothing is downloaded unasked.`,
    ...(source && { source }),
    ...(url !== undefined && { fetched: url }),
    advice:
      'Fetch it, if you trust this code: the action “Fetch” in the editor, `--fetch` on the command line. Afterwards it is in Nix’s cache.',
    action: { kind: 'fetch' },
  };
}

/** The last error ended the run; those before it, such as a failed download, tell what led to it. */
function describeErrors(
  errors: readonly NixErrorMessage[],
  isWorkspaceFile: (file: string) => boolean,
): EvaluationError {
  const [last, ...earlier] = [...errors].reverse();
  if (last === undefined) return { message: sentence('') };
  const { place, innermost } = placeOf(last, isWorkspaceFile);
  const message = [
    sentence(last.message),
    ...(innermost && place !== innermost ? [`(raised at ${printPosition(innermost)})`] : []),
    ...earlier.slice(0, earlierErrors).map((error) => `after: ${error.message}`),
  ].join('\n');
  const advice = [last, ...earlier].map((error) => adviceForError(error)).find((text) => text !== undefined);
  return withAdvice({ message, ...(place && { source: sourceRange(place, last.fullText) }) }, advice);
}

/** How many errors that did not end the run are told. */
const earlierErrors = 3;

/** The innermost place in the workspace, else the innermost of all. */
function placeOf(error: NixErrorMessage, isWorkspaceFile: (file: string) => boolean) {
  const positions = [error.position, ...error.trace.map((frame) => frame.position)]
    .filter((position) => position !== undefined)
    .filter(({ file }) => file.startsWith('/'));
  const innermost = positions[0];
  return { innermost, place: positions.find(({ file }) => isWorkspaceFile(file)) ?? innermost };
}

function printPosition({ file, line, column }: NixPosition): string {
  return `${file}:${line}:${column}`;
}

/** Nix's own guess at what was meant stands only in the text for people. */
function adviceForError({ message, fullText }: NixErrorMessage): string | undefined {
  const suggestion = /^[ \t]*(Did you mean .*\?)$/m.exec(fullText)?.[1];
  const advice = adviceFor('evaluation', message);
  return suggestion === undefined ? advice : [suggestion, advice].filter(Boolean).join(' ');
}

function withAdvice(error: EvaluationError, advice: string | undefined): EvaluationError {
  return advice === undefined ? error : { ...error, advice };
}

/** The explanation that Nix adds where a function lacks an argument is said shorter by our advice. */
function sentence(message: string): string {
  const text = message.replace(/(?<!\n)\n+Nix attempted to evaluate a function[^]*$/, '');
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
function quotedLine(position: NixPosition, fullText: string): string | undefined {
  const after = fullText.indexOf(printPosition(position));
  if (after === -1) return undefined;
  const prefix = new RegExp(`^ *${position.line}\\| ?(.*)$`);
  for (const text of fullText.slice(after).split('\n', 8)) {
    const code = prefix.exec(text)?.[1];
    if (code !== undefined) return code;
  }
  return undefined;
}
