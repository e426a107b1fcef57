import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  createScanner,
  findNodeAtLocation,
  getNodePath,
  getNodeValue,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import * as z from 'zod';

import { largestSettings } from '../files/limits.ts';
import { readTextFile } from '../files/regularFile.ts';
import type { Position, SourceRange } from '../model/location.ts';
import type { RuleLevels } from '../model/judgement.ts';
import type { System } from '../model/system.ts';
import { indexLines } from '../syntax/lines.ts';
import { isWithin } from '../permissions/confinement.ts';
import { ruleLevelsSetting } from './ruleSetting.ts';
import { systemNames, workspaceTargetSetting, type TargetSetting } from './targetSetting.ts';

/** Lies in a workspace's folder, and is shared with a team and with the command. */
export const targetFileName = '.nix-platform-lens.json';

/** The shape of the target file. */
export const targetFileSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors: where the description of this file is.'),
    targets: z
      .array(workspaceTargetSetting)
      .optional()
      .describe(
        'What is evaluated; the first one is the default. Left out: targets are found by looking at the folder.',
      ),
    evaluateAs: systemNames
      .optional()
      .describe(
        'The systems that every target is evaluated as: values of builtins.currentSystem. Left out: this machine’s.',
      ),
    rules: ruleLevelsSetting
      .optional()
      .describe(
        'How what each rule finds is reported. Editors’ settings and the command line come after it.',
      ),
  })
  .refine(({ targets, rules }) => targets !== undefined || rules !== undefined, {
    path: ['targets'],
    message: 'there are neither targets nor `rules`',
  })
  .meta({ anyOf: [{ required: ['targets'] }, { required: ['rules'] }] });

/** A target of the file, with the place of its entry. */
export interface SharedTarget {
  readonly setting: TargetSetting;
  /** Its own, else those of the whole file; undefined: this machine's. */
  readonly evaluateAs: readonly System[] | undefined;
  readonly source: SourceRange;
  /** The texts in it, such as paths and expressions, each with its place. */
  readonly texts: readonly { readonly text: string; readonly source: SourceRange }[];
}

export interface TargetFileProblem {
  /** One sentence with the JSON path, e.g. "targets[0].include: …". */
  readonly message: string;
  readonly source: SourceRange;
}

/** What a target file says. One with a problem offers no targets: a check of a part is no check of all. */
export interface TargetFile {
  readonly file: string;
  /** Empty where they are left out: then they are found by looking. */
  readonly targets: readonly SharedTarget[];
  readonly rules: RuleLevels;
  readonly problems: readonly TargetFileProblem[];
}

/**
 * The target file of a folder; undefined where there is none.
 *
 * @throws Error of the file system, where it is there and cannot be read
 */
export async function readTargetFile(directory: string): Promise<TargetFile | undefined> {
  const file = join(directory, targetFileName);
  try {
    const [real, folder] = await Promise.all([realpath(file), realpath(directory)]);
    if (!isWithin(dirname(real), folder)) return strangersFile(file, real);
    return parseTargetFile(file, await readTextFile(file, largestSettings));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A link could show a file of the person's, such as one with a password, in what is told of its errors. */
function strangersFile(file: string, real: string): TargetFile {
  const start = { line: 0, character: 0 };
  const message = `This is a link to ${real}, outside the folder, and was not read: put the file itself here.`;
  return {
    file,
    targets: [],
    rules: {},
    problems: [{ message, source: { file, range: { start, end: start } } }],
  };
}

/** Reads a target file's text: JSON in which comments and trailing commas are allowed, as in VS Code's own settings. */
export function parseTargetFile(file: string, text: string): TargetFile {
  const lines = indexLines(text);
  // The parser places an error behind the end where a comment does not end.
  const positionAt = (offset: number): Position => lines.positionAt(Math.min(offset, text.length));
  const rangeOf = (offset: number, length: number): SourceRange => ({
    file,
    range: { start: positionAt(offset), end: positionAt(offset + length) },
  });
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== undefined) {
    const message = `This is nested more than ${deepestJson} levels deep.`;
    return { file, targets: [], rules: {}, problems: [{ message, source: rangeOf(tooDeep, 1) }] };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const placeOf = (node: Node | undefined): SourceRange => rangeOf(node?.offset ?? 0, node?.length ?? 0);
  if (!root || errors.length > 0) {
    const problems = firstProblems(errors, ({ error, offset, length }) => ({
      message: `This is no JSON: ${inWords(printParseErrorCode(error))}.`,
      source: rangeOf(offset, length),
    }));
    return { file, targets: [], rules: {}, problems };
  }
  const twice = repeatedKeys(root);
  if (twice.length > 0) {
    const problems = firstProblems(twice, (key) => ({
      message: `${formatPath(getNodePath(key).slice(0, -1)) || 'The file'}: the key ${JSON.stringify(key.value)} is there twice; only the last one would count, whatever a reader sees first.`,
      source: placeOf(key),
    }));
    return { file, targets: [], rules: {}, problems };
  }
  // The value of a tree is whatever the text says: the schema judges it.
  const value: unknown = getNodeValue(root);
  const result = targetFileSchema.safeParse(value);
  if (!result.success) {
    const problems = firstProblems(result.error.issues, (issue) => {
      const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
      const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
      // With an option that is refused, its name is what matters.
      const named = unknown !== undefined ? [...path, unknown] : path.at(-2) === 'option' ? path : undefined;
      const at = named && findNodeAtLocation(root, named)?.parent;
      const where = formatPath(path);
      return {
        message: where === '' ? `${issue.message}.` : `${where}: ${issue.message}.`,
        source: placeOf(at ?? nearest(root, path)),
      };
    });
    return { file, targets: [], rules: {}, problems };
  }
  const targets = (result.data.targets ?? []).map((setting, index) => {
    const entry = nearest(root, ['targets', index]);
    return {
      setting,
      evaluateAs: setting.evaluateAs ?? result.data.evaluateAs,
      source: placeOf(entry),
      texts: textsIn(entry).map((node) => ({ text: String(node.value), source: placeOf(node) })),
    };
  });
  return { file, targets, rules: result.data.rules ?? {}, problems: [] };
}

/** More of one file help nobody. */
const mostProblems = 20;

/** The problems of a file; of very many the first ones, and that there are more. */
function firstProblems<Fault>(
  faults: readonly Fault[],
  problemOf: (fault: Fault) => TargetFileProblem,
): TargetFileProblem[] {
  if (faults.length <= mostProblems) return faults.map(problemOf);
  const told = faults.slice(0, mostProblems).map(problemOf);
  const [last] = told.splice(-1);
  if (!last) return told;
  const message = `${faults.length - told.length} more problems follow: correct those that are told, and the next ones are told.`;
  return [...told, { message, source: last.source }];
}

/** The values below a node that are texts. */
function textsIn(root: Node): Node[] {
  const texts: Node[] = [];
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    const { type, children = [] } = node;
    if (type === 'string') texts.push(node);
    // Of a property, the value: its name is no text of the target.
    const below = type === 'property' ? children.slice(1) : children;
    for (const child of below.toReversed()) open.push(child);
  }
  return texts;
}

/** Keys that an object has a second time. */
function repeatedKeys(root: Node): Node[] {
  const repeated: Node[] = [];
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    const { type, children = [] } = node;
    // One by one: a call takes some ten thousand arguments at most.
    for (const child of children) open.push(child);
    if (type !== 'object') continue;
    const seen = new Set<unknown>();
    for (const [key] of children.map((property) => property.children ?? [])) {
      if (!key) continue;
      if (seen.has(key.value)) repeated.push(key);
      seen.add(key.value);
    }
  }
  return repeated;
}

/** A target file needs five; the parser calls itself for each. */
const deepestJson = 100;

/** Where a text is nested too deep; undefined where it is not. */
function tooDeepAt(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    if ('{['.includes(text.charAt(offset))) depth += 1;
    else if ('}]'.includes(text.charAt(offset))) depth -= 1;
    if (depth > deepestJson) return offset;
  }
  return undefined;
}

/** What stands at a path, or at the deepest part of it that is there. */
function nearest(root: Node, path: readonly (string | number)[]): Node {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node) return node;
  }
  return root;
}

/** `targets[0].arg.x` */
function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}

/** `ColonExpected` ⇒ `colon expected` */
function inWords(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, ' $1').toLowerCase();
}
