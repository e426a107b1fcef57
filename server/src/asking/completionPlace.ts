import type { Expression, Select, Variable } from '../syntax/ast.ts';
import { expressionsAt } from '../syntax/descent.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceFile, type SourceFile } from '../syntax/sourceFile.ts';
import { identifierPattern } from '../syntax/identifiers.ts';

const endingName = new RegExp(`${identifierPattern}$`);

/** A name that is being typed. */
export interface CompletionPlace {
  /** The text, made whole around the caret. */
  readonly source: SourceFile;
  /** What has been typed of the name. */
  readonly prefix: string;
  /** A name of its own, or one behind the dot of a selection. */
  readonly expression: Variable | Select;
  /** For a selection: how much of its path stands before the name. */
  readonly step?: number;
}

/** What may be missing behind the caret while one types. */
const endings = ['', ';', ')', ' ]', '}', '};', ' ];', '"', '";'];

/** No name that a person types is longer; the search for one looks at each of its characters again. */
const longestName = 1000;

/**
 * Finds the name that is typed at an offset. A text that is being typed is
 * seldom whole: what its author will most likely write next is put behind the
 * caret until it can be parsed. Undefined where no name can stand there, and
 * where the text is broken elsewhere.
 */
export function completionPlace(
  file: string,
  text: string,
  offset: number,
  parser: NixParser,
): CompletionPlace | undefined {
  const before = text.slice(0, offset);
  const prefix = endingName.exec(before.slice(-longestName))?.[0] ?? '';
  const isSelection = /\.\s*$/.test(before.slice(0, before.length - prefix.length));
  if (prefix === '' && !isSelection) return undefined;
  const name = prefix === '' ? 'x' : '';
  for (const ending of endings) {
    const source = parseSourceFile(file, before + name + ending + text.slice(offset), parser);
    if (!source.wellFormed) continue;
    const found = nameAt(source.root, offset - prefix.length);
    return found && { source, prefix, ...found };
  }
  return undefined;
}

/** The name that begins at an offset. */
function nameAt(root: Expression, start: number): Pick<CompletionPlace, 'expression' | 'step'> | undefined {
  for (const at of expressionsAt(root, start)) {
    if (at.kind === 'variable' && at.start === start) return { expression: at };
    if (at.kind !== 'select') continue;
    const step = at.path.findIndex((name) => name.kind === 'static' && name.start === start);
    if (step !== -1) return { expression: at, step };
  }
  return undefined;
}
