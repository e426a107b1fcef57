import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

import type { EvaluationTarget } from '../model/target.ts';
import type { PathLiteral } from '../syntax/ast.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceFile, type SourceFile } from '../syntax/sourceFile.ts';
import { expressionsOf as expressionsBelow } from '../syntax/descent.ts';

/** What a target names that lies on this machine. */
export interface NamedPaths {
  /** Absolute, each once. */
  readonly paths: readonly string[];
  /** Texts that may name anything, since they cannot be read as Nix, or lead upwards from an unknown place. */
  readonly unreadable: readonly string[];
}

/**
 * The paths that the configuration of a target names: its file or flake, its
 * search path, and the path literals of its expressions and arguments. What the
 * Nix code does that is evaluated, such as reading a path that it puts together
 * of strings, cannot be told from here.
 *
 * @param directory where relative paths start
 */
export function namedPaths(target: EvaluationTarget, directory: string, parser: NixParser): NamedPaths {
  if (target.kind === 'derivation') return { paths: [target.drvPath], unreadable: [] };
  const { arg, include } = target.arguments;
  const search = include.map(searchEntry);
  const texts = [...expressionsOf(target), ...arg.map(([, expression]) => expression)];
  const sources = texts.map((text) => parseSourceFile(join(directory, 'named.nix'), text, parser));
  const literals = sources.flatMap(pathLiterals);
  const searched = [
    ...(target.kind === 'file' && isSearchPath(target.file) ? [target.file] : []),
    ...literals.flatMap(({ text, form }) => (form === 'search' ? [text] : [])),
  ];
  const paths = [
    ...ownPaths(target, directory),
    ...search.flatMap(({ path }) => addressedPaths(path, directory)),
    ...literals.flatMap(({ text, form }) => {
      if (form === 'search') return [];
      return form === 'home' ? [resolve(homedir(), text.slice(2))] : [resolve(directory, text)];
    }),
    ...searched.flatMap((text) => searchedPaths(text, directory, search)),
  ];
  return {
    paths: [...new Set(paths)],
    unreadable: [
      ...sources.filter(({ wellFormed }) => !wellFormed).map(({ text }) => text),
      ...searched.filter((text) => leadsUp(text.slice(1, -1))),
      ...literals.flatMap(({ text, computedAt }) => (leadsUp(text.slice(computedAt)) ? [text] : [])),
    ],
  };
}

function expressionsOf(target: EvaluationTarget): string[] {
  if (target.kind === 'expression') return [target.expression];
  if (target.kind !== 'composed') return [];
  return [target.packageSet, ...(target.source === undefined ? [] : [target.source])];
}

/** The file or the flake of a target; none where it is looked for on the search path. */
function ownPaths(target: EvaluationTarget, directory: string): string[] {
  switch (target.kind) {
    case 'file':
      return isSearchPath(target.file) ? [] : [resolve(directory, target.file)];
    case 'composed':
      return [resolve(directory, target.file)];
    case 'flake':
      return flakePaths(target.flake, directory);
    case 'expression':
      return [target.directory];
    case 'derivation':
      return [target.drvPath];
  }
}

/** As Nix sees it: one without its end is a path. */
function isSearchPath(file: string): boolean {
  return file.startsWith('<') && file.endsWith('>');
}

interface SearchEntry {
  /** What has to come first between `<` and `>`; empty: nothing. */
  readonly prefix: string;
  readonly path: string;
}

/** `nixpkgs=./nixpkgs` or a bare path. */
function searchEntry(entry: string): SearchEntry {
  const at = entry.indexOf('=');
  return { prefix: at === -1 ? '' : entry.slice(0, at), path: entry.slice(at + 1) };
}

/** What an entry of the search path names on this machine; nothing for an address on the network. */
function addressedPaths(path: string, directory: string): string[] {
  if (path.startsWith('flake:')) return flakePaths(path.slice('flake:'.length), directory);
  if (/^(?:https?|git|ssh|s3):\/\/|^channel:/.test(path)) return [];
  return [resolve(directory, path.replace(/^file:(?:\/\/)?/, ''))];
}

/** The path of a flake reference (Nix manual, `nix flake`, "Flake references"); nothing for one without a path. */
function flakePaths(reference: string, directory: string): string[] {
  const [before = ''] = reference.split(/[?#]/, 1);
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(before) ?? [];
  if (scheme !== undefined) {
    const isPath = /(?:^|\+)(?:file|path)$/i.test(scheme);
    return isPath ? [resolve(directory, decoded(rest.replace(/^\/\/[^/]*/, '')))] : [];
  }
  // An entry of the registry, with a branch and a revision.
  if (/^[a-z][a-z0-9_-]*(?:\/[a-z0-9][a-z0-9_.-]*){0,2}$/i.test(before)) return [];
  return [resolve(directory, reference), resolve(directory, decoded(before))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // It has no encoding: Nix takes it as it is, or refuses it.
    return text;
  }
}

interface WrittenPath {
  /** With a dot for what is computed: what it really is, only Nix knows. */
  readonly text: string;
  /** Where the first part is computed; the end of the text where none is. */
  readonly computedAt: number;
  readonly form: PathLiteral['form'];
}

function pathLiterals(source: SourceFile): WrittenPath[] {
  const found: WrittenPath[] = [];
  for (const expression of expressionsBelow(source.root))
    if (expression.kind === 'path') found.push(writtenPath(expression, source));
  return found;
}

function writtenPath({ start, end, interpolations, form }: PathLiteral, { text }: SourceFile): WrittenPath {
  let written = '';
  let from = start;
  for (const interpolation of interpolations) {
    written += `${text.slice(from, interpolation.start)}.`;
    from = interpolation.end;
  }
  written += text.slice(from, end);
  const [first] = interpolations;
  return { text: written, computedAt: first ? first.start - start : written.length, form };
}

/** Where the target's own entries lead Nix; what is found by the person's NIX_PATH is theirs. */
function searchedPaths(text: string, directory: string, search: readonly SearchEntry[]): string[] {
  const name = text.slice(1, -1);
  return search.flatMap(({ prefix, path }) => {
    const below = restBelow(name, prefix);
    return below === undefined ? [] : addressedPaths(path, directory).map((folder) => join(folder, below));
  });
}

function leadsUp(path: string): boolean {
  return path.split('/').includes('..');
}

function restBelow(name: string, prefix: string): string | undefined {
  if (prefix === '') return name;
  if (name === prefix) return '';
  return name.startsWith(`${prefix}/`) ? name.slice(prefix.length + 1) : undefined;
}
