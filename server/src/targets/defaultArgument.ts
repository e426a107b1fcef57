import { readTextFile } from '../files/regularFile.ts';
import { comparePositions, type Range } from '../model/location.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { EvaluationTarget } from '../model/target.ts';
import { unwrap, type Expression, type Formal, type Span } from '../syntax/ast.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceInSlices, rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';

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
  // Where it cannot be read, the error stands as it is.
  const text = await readTextFile(file).catch(() => undefined);
  if (text === undefined) return error;
  const source = await parseSourceInSlices(file, text, parser);
  const given = new Set([...target.arguments.arg, ...target.arguments.argstr].map(([name]) => name));
  const defaults = defaultsOf(source).filter(({ name }) => !given.has(name));
  const naming = namingDefault(defaults, source, { ...error, fetched: error.fetched });
  if (naming === undefined) return error;
  const { name, range } = naming;
  const value = naming.isFetch ? 'PATH' : 'EXPRESSION';
  const advice = `Give \`${name}\` another value: \`--arg ${name} ${value}\`; in the editor \`"arg": { "${name}": "${value}" }\` of the target in nixPlatformLens.targets.`;
  return {
    ...error,
    source: { file, range },
    argument: { name, value },
    message:
      error.action?.kind === 'fetch'
        ? `The default of the argument \`${name}\` needs ${error.fetched} from the network, and nothing is downloaded unasked.`
        : `The default of the argument \`${name}\` could not be fetched: ${error.message}`,
    advice: error.action && error.advice !== undefined ? `${advice} Or: ${error.advice}` : advice,
  };
}

interface Default extends Span {
  readonly name: string;
  readonly range: Range;
  /** It is the very call that fetches, and no package set that is made of it. */
  readonly isFetch: boolean;
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
            start: fallback.start,
            end: fallback.end,
            range: rangeIn(source, fallback).range,
            isFetch: isFetch(fallback),
          },
        ],
  );
}

function isFetch(expression: Expression): boolean {
  const value = unwrap(expression);
  if (value.kind !== 'apply') return false;
  const called = unwrap(value.fn);
  if (called.kind === 'variable') return called.name.startsWith('fetch');
  const last = called.kind === 'select' ? called.path.at(-1) : undefined;
  return last?.kind === 'static' && last.name.startsWith('fetch');
}

/**
 * The default that fetches. One in which something was needed may only name
 * another one (`pkgs ? import nixpkgs { }`), which spells out what it is.
 */
function namingDefault(
  defaults: readonly Default[],
  source: SourceFile,
  error: EvaluationError & { readonly fetched: string },
): Default | undefined {
  const held = defaults.find(({ range }) => error.source?.file === source.file && holds(range, error));
  const spells = held && spelledOut(textOf(source, held), error.fetched) > 0;
  return spells ? held : (longestNamed(defaults, source, error.fetched) ?? held);
}

/** The default that spells out most of a URL; undefined where none or several do, or the file elsewhere. */
function longestNamed(defaults: readonly Default[], source: SourceFile, url: string): Default | undefined {
  const named = defaults.map((one) => ({ one, length: spelledOut(textOf(source, one), url) }));
  const most = Math.max(0, ...named.map(({ length }) => length));
  const [first, ...others] = named.filter(({ length }) => length === most);
  if (first === undefined || most === 0 || others.length > 0) return undefined;
  const { start, end } = first.one;
  const isElsewhere = [source.text.slice(0, start), source.text.slice(end)].some(
    (text) => spelledOut(text, url) >= most,
  );
  return isElsewhere ? undefined : first.one;
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
