import type { Tree } from 'web-tree-sitter';
import type { SourceRange } from '../model/location.ts';
import { atOnce, inSlices, type Steps } from '../model/slices.ts';
import type { Expression, Span } from './ast.ts';
import { buildAst } from './buildAst.ts';
import { indexLines, type LineIndex } from './lines.ts';
import type { NixParser } from './parser.ts';
import { analyzeScopes, type ScopeTable } from './scopes.ts';
import { TextLimitError } from './textLimits.ts';
import { expressionsAround } from './descent.ts';
import { inheritedNameAt } from './inheritedNames.ts';

/** A parsed file with its scopes: all that pure code needs to reason about it. */
export interface SourceFile {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  readonly root: Expression;
  readonly scopes: ScopeTable;
  readonly lines: LineIndex;
  /** False where the grammar had to recover from an error, or the text is beyond a limit. */
  readonly wellFormed: boolean;
  /** Set where the text is beyond a limit: nothing is known of it then. */
  readonly limit?: TextLimitError;
}

/** Parses a file's text. Never fails: what cannot be parsed, or is beyond a limit, is `malformed`. */
export function parseSourceFile(file: string, text: string, parser: NixParser): SourceFile {
  try {
    return atOnce(sourceOf(file, text, parser.parse(text)));
  } catch (error) {
    return beyondLimit(file, text, error);
  }
}

/** The same in steps. */
export function* parseSourceInSteps(file: string, text: string, parser: NixParser): Steps<SourceFile> {
  try {
    return yield* sourceOf(file, text, yield* parser.parseInSteps(text));
  } catch (error) {
    return beyondLimit(file, text, error);
  }
}

/**
 * The same in slices, between which others have their turn.
 *
 * @throws the reason of `signal`
 */
export function parseSourceInSlices(
  file: string,
  text: string,
  parser: NixParser,
  signal?: AbortSignal,
): Promise<SourceFile> {
  return inSlices(parseSourceInSteps(file, text, parser), signal);
}

/** @throws TextLimitError */
function* sourceOf(file: string, text: string, tree: Tree): Steps<SourceFile> {
  try {
    const root = yield* buildAst(tree, text);
    const scopes = yield* analyzeScopes(root);
    return { file, text, root, scopes, lines: indexLines(text), wellFormed: !tree.rootNode.hasError };
  } finally {
    tree.delete();
  }
}

function beyondLimit(file: string, text: string, error: unknown): SourceFile {
  if (!(error instanceof TextLimitError)) throw error;
  const root = { kind: 'malformed', start: 0, end: text.length } as const;
  const scopes = atOnce(analyzeScopes(root));
  return { file, text, root, scopes, lines: indexLines(text), wellFormed: false, limit: error };
}

/** The text of a stretch of a file. */
export function textOf(source: SourceFile, span: Span): string {
  return source.text.slice(span.start, span.end);
}

/** A stretch of a file as a range that names its file. */
export function rangeIn(source: SourceFile, span: Span): SourceRange {
  return { file: source.file, range: source.lines.rangeOf(span) };
}

/**
 * The expression that covers exactly this stretch. A name in an `inherit` is
 * given as what it stands for: `inherit a;` as the variable, `inherit (e) a;`
 * as the selection.
 */
export function expressionAt(source: SourceFile, span: Span): Expression | undefined {
  for (const at of expressionsAround(source.root, span))
    if (at.start === span.start && at.end === span.end) return at;
  const inherited = inheritedNameAt(source.root, span);
  if (!inherited) return undefined;
  const { binding } = inherited;
  const name = binding.names.find(({ start }) => start === span.start);
  if (name?.kind !== 'static') return undefined;
  return binding.kind === 'inherit-from'
    ? { kind: 'select', base: binding.from, path: [name], start: name.start, end: name.end }
    : source.scopes.inheritedVariable(name);
}
