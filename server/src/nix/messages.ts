/**
 * What Nix says on stderr with `--log-format internal-json`: one record a line,
 * `@nix {"action":"msg",…}` (Nix source: logging.cc, JSONLogger). Everything
 * here is input to be validated; a line that is no such record is plain text.
 */

/** A place as Nix prints it: line and column from one, the column counted in bytes of UTF-8. */
export interface NixPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A step of the evaluation that led to an error, e.g. "while evaluating the attribute 'x'". */
export interface NixTraceFrame {
  readonly message: string;
  readonly position?: NixPosition;
}

export interface NixErrorMessage {
  readonly kind: 'error';
  /** The error itself, without colours, position, code or trace. */
  readonly message: string;
  /** As Nix would print it, without colours. */
  readonly fullText: string;
  readonly position?: NixPosition;
  /** Innermost first. */
  readonly trace: readonly NixTraceFrame[];
}

export type NixMessage =
  /** What `builtins.trace` printed, without "trace: ". */
  | { readonly kind: 'trace'; readonly text: string }
  | NixErrorMessage
  | { readonly kind: 'warning'; readonly text: string }
  /** Other records with a text, what Nix is doing among them. */
  | { readonly kind: 'info'; readonly text: string }
  /** A line that is no record. */
  | { readonly kind: 'plain'; readonly text: string };

const recordPrefix = '@nix ';
const tracePrefix = 'trace: ';

/** Decodes one line of stderr; undefined for records without a text, such as progress. */
export function decodeMessage(line: string): NixMessage | undefined {
  if (!line.startsWith(recordPrefix)) return { kind: 'plain', text: withoutColours(line) };
  const record = parseRecord(line);
  if (record === undefined) return { kind: 'plain', text: withoutColours(line) };
  switch (record['action']) {
    case 'msg':
      return decodeText(record);
    case 'start': {
      const text = record['text'];
      return typeof text === 'string' && text !== ''
        ? { kind: 'info', text: withoutColours(text) }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Decodes one line of stderr as `--log-format raw` prints it; only the first line of a trace is told. */
export function decodeRawLine(line: string): NixMessage {
  if (line.startsWith(tracePrefix)) return { kind: 'trace', text: line.slice(tracePrefix.length) };
  return { kind: 'plain', text: withoutColours(line) };
}

/** Removes terminal escape sequences. */
export function withoutColours(text: string): string {
  return text.includes('\u001b') ? text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '') : text;
}

type JsonRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseRecord(line: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(line.slice(recordPrefix.length));
    return isRecord(value) ? value : undefined;
  } catch {
    // A program that Nix started may print anything: then it is plain text.
    return undefined;
  }
}

function decodeText(record: JsonRecord): NixMessage | undefined {
  const text = record['msg'];
  if (typeof text !== 'string') return undefined;
  if (typeof record['raw_msg'] === 'string') return decodeError(record, record['raw_msg'], text);
  if (text.startsWith(tracePrefix)) return { kind: 'trace', text: text.slice(tracePrefix.length) };
  const plain = withoutColours(text);
  const warning = /^(?:evaluation )?warning: /.exec(plain);
  if (warning) return { kind: 'warning', text: plain.slice(warning[0].length) };
  if (/^error(?: \(ignored\))?:\s/.test(plain)) return plainError(plain);
  return { kind: 'info', text: plain };
}

function decodeError(record: JsonRecord, rawMessage: string, text: string): NixErrorMessage {
  const fullText = withoutColours(text);
  const frames = Array.isArray(record['trace'])
    ? record['trace'].flatMap(decodeFrame)
    : framesInText(fullText);
  const position = decodePosition(record) ?? positionOfError(fullText);
  return {
    kind: 'error',
    message: withoutColours(rawMessage).trim(),
    fullText,
    ...(position && { position }),
    trace: frames,
  };
}

function decodeFrame(value: unknown): NixTraceFrame[] {
  if (!isRecord(value) || typeof value['raw_msg'] !== 'string') return [];
  const message = withoutColours(value['raw_msg']).trim();
  const position = decodePosition(value) ?? locatedIn(message);
  return [{ message, ...(position && { position }) }];
}

/** Since 2.14 or so `file` holds `FILE:LINE:COLUMN`, before only the file. */
function decodePosition(record: JsonRecord): NixPosition | undefined {
  const { file, line, column } = record;
  if (typeof file !== 'string' || typeof line !== 'number' || typeof column !== 'number') return undefined;
  // The text of `--apply` and `--expr` stands in for a file's name in some versions, line 0 for no place.
  if (file.includes('\n') || line < 1) return undefined;
  const suffix = `:${line}:${column}`;
  return { file: file.endsWith(suffix) ? file.slice(0, -suffix.length) : file, line, column };
}

const positionPattern = /^\s*at (.+):(\d+):(\d+):?\s*$/;

function parsePosition(match: RegExpExecArray | null): NixPosition | undefined {
  const [, file, line, column] = match ?? [];
  if (file === undefined) return undefined;
  return { file, line: Number(line), column: Number(column) };
}

/** "whose name attribute is located at FILE:LINE:COLUMN". */
function locatedIn(message: string): NixPosition | undefined {
  // Where the first of these words has no position behind it, none has.
  const words = 'located at ';
  const line = message.trimEnd().split('\n').at(-1) ?? '';
  const at = line.indexOf(words);
  return at === -1 ? undefined : parsePosition(/^(.+):(\d+):(\d+)$/.exec(line.slice(at + words.length)));
}

/** The `at FILE:LINE:COLUMN` that follows the last `error:` of a text that carries no fields. */
function positionOfError(fullText: string): NixPosition | undefined {
  const lines = fullText.split('\n');
  const start = lines.findLastIndex((line) => /^\s*error:/.test(line));
  for (const line of lines.slice(start + 1)) {
    if (/^\s*… /.test(line)) return undefined;
    const position = parsePosition(positionPattern.exec(line));
    if (position) return position;
  }
  return undefined;
}

/** The `… while …` steps of a text that carries no fields, innermost first. */
function framesInText(fullText: string): NixTraceFrame[] {
  const frames: { message: string; position?: NixPosition }[] = [];
  for (const line of fullText.split('\n')) {
    const message = /^\s*… (.*)$/.exec(line)?.[1];
    if (message !== undefined) {
      frames.push({ message: message.trim() });
      continue;
    }
    const position = parsePosition(positionPattern.exec(line)) ?? locatedIn(line);
    const last = frames.at(-1);
    if (position && last && !last.position) last.position = position;
  }
  // Newer versions print the error last, older ones first, and the trace accordingly.
  return /^error:[^\S\n]*\n\s*… /.test(fullText) ? frames.reverse() : frames;
}

/** An error that was printed as text, e.g. on a stack overflow by the signal handler of 2.8. */
export function plainError(text: string): NixErrorMessage {
  const message = text.replace(/^error(?: \(ignored\))?:\s*/, '').trim();
  return { kind: 'error', message, fullText: text, trace: [] };
}

/**
 * An error that was printed as text with its trace, as `nix repl` prints it: the
 * message stands behind the last `error:` that begins a line, in older versions
 * the first.
 */
export function printedError(text: string): NixErrorMessage {
  const start = [...text.matchAll(/^[ \t]*error:[ \t]*(?=\S)/gm)].at(-1);
  const rest = start ? text.slice(start.index + start[0].length) : text;
  const message = rest.split(/\n\s*\n|\n\s*(?:at |… |Did you mean )/)[0] ?? rest;
  const position = positionOfError(text);
  return {
    kind: 'error',
    message: message.replace(/\n {7}/g, '\n').trim(),
    fullText: text,
    ...(position && { position }),
    trace: framesInText(text),
  };
}
