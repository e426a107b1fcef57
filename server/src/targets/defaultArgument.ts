import { readTextFile } from '../files/regularFile.ts';
import { comparePositions, type Range } from '../model/location.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { EvaluationTarget } from '../model/target.ts';
import { unwrap, type Formal } from '../syntax/ast.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceInSlices, rangeIn, type SourceFile } from '../syntax/sourceFile.ts';

/**
 * Says of what could not be fetched that an argument of the target's file
 * names it by default, where it does: who gives that argument needs no network.
 * Nix tells only where the value was needed.
 */
export async function withDefaultArgument(
  error: EvaluationError,
  target: EvaluationTarget,
  parser: NixParser,
): Promise<EvaluationError> {
  if (error.fetched === undefined || target.kind !== 'file' || !target.file.startsWith('/')) return error;
  const { file } = target;
  const text = await readTextFile(file).catch(() => undefined);
  if (text === undefined) return error;
  const source = await parseSourceInSlices(file, text, parser);
  const given = new Set([...target.arguments.arg, ...target.arguments.argstr].map(([name]) => name));
  const defaults = defaultsOf(source).filter(({ name }) => !given.has(name));
  const naming = defaults.find(({ range }) => holds(range, error)) ?? longestNamed(defaults, error.fetched);
  if (naming === undefined) return error;
  const { name, range } = naming;
  const advice = `Give \`${name}\` another value: \`--arg ${name} PATH\`; in the editor \`"arg": { "${name}": "PATH" }\` of the target in nixPlatformLens.targets.`;
  return {
    ...error,
    source: { file, range },
    argument: name,
    message:
      error.action?.kind === 'fetch'
        ? `The default of the argument \`${name}\` needs ${error.fetched} from the network, and nothing is downloaded unasked.`
        : `The default of the argument \`${name}\` could not be fetched: ${error.message}`,
    advice: error.action && error.advice !== undefined ? `${advice} Or: ${error.advice}` : advice,
  };
}

interface Default {
  readonly name: string;
  readonly text: string;
  readonly range: Range;
}

/** The defaults of the arguments that a file's own function takes. */
function defaultsOf(source: SourceFile): Default[] {
  const root = unwrap(source.root);
  const formals: readonly Formal[] = root.kind === 'lambda' ? (root.formals ?? []) : [];
  return formals.flatMap(({ name, fallback }) =>
    fallback === undefined
      ? []
      : [
          {
            name: name.name,
            text: source.text.slice(fallback.start, fallback.end),
            range: rangeIn(source, fallback).range,
          },
        ],
  );
}

/** The default that spells out most of a URL; undefined where none or several do. */
function longestNamed(defaults: readonly Default[], url: string): Default | undefined {
  const named = defaults.map((one) => ({ one, length: spelledOut(one.text, url) }));
  const most = Math.max(0, ...named.map(({ length }) => length));
  const [first, ...others] = named.filter(({ length }) => length === most);
  return most > 0 && others.length === 0 ? first?.one : undefined;
}

/**
 * How much of a URL a text spells out, from its start to where something is put
 * in (`${rev}`), in characters; 0 where not even the host. Nix puts the way of
 * fetching before the URL, and what is wanted of it behind.
 */
function spelledOut(text: string, url: string): number {
  const plain = url.replace(/^(?:git|hg|tarball|file)\+/, '').replace(/[?#].*$/, '');
  const starts = text.match(/(?<![a-z+])[a-z][a-z+]*:\/\/[^/\s"'$]+\/?(?:[^\s"'$;{}]|\$(?!\{))*/g) ?? [];
  return starts.reduce((most, start) => (plain.startsWith(start) ? Math.max(most, start.length) : most), 0);
}

/** Newer versions of Nix tell where the call that fetches stands. */
function holds({ start, end }: Range, { source }: EvaluationError): boolean {
  return (
    source !== undefined &&
    comparePositions(start, source.range.start) <= 0 &&
    comparePositions(source.range.start, end) < 0
  );
}
