import { join } from 'node:path';
import {
  createScanner,
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import * as z from 'zod';

import { largestSettings } from '../files/limits.ts';
import { readTextFile } from '../files/regularFile.ts';
import type { SourceRange } from '../model/location.ts';
import type { RuleLevels } from '../model/judgement.ts';
import type { System } from '../model/system.ts';
import { indexLines } from '../syntax/lines.ts';
import { ruleLevelsSetting } from './ruleSetting.ts';
import { systemNames, targetSetting, type TargetSetting } from './targetSetting.ts';

/** Lies in a workspace's folder, and is shared with a team and with the command. */
export const targetFileName = '.nix-platform-lens.json';

/** The shape of the target file. */
export const targetFileSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors: where the description of this file is.'),
    targets: z
      .array(targetSetting)
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
    return parseTargetFile(file, await readTextFile(file, largestSettings));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Reads a target file's text: JSON in which comments and trailing commas are allowed, as in VS Code's own settings. */
export function parseTargetFile(file: string, text: string): TargetFile {
  const lines = indexLines(text);
  const rangeOf = (offset: number, length: number): SourceRange => ({
    file,
    range: { start: lines.positionAt(offset), end: lines.positionAt(offset + length) },
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
    const problems = errors.map(({ error, offset, length }) => ({
      message: `This is no JSON: ${inWords(printParseErrorCode(error))}.`,
      source: rangeOf(offset, length),
    }));
    return { file, targets: [], rules: {}, problems };
  }
  // The value of a tree is whatever the text says: the schema judges it.
  const value: unknown = getNodeValue(root);
  const result = targetFileSchema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
      const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
      const at = unknown === undefined ? undefined : findNodeAtLocation(root, [...path, unknown])?.parent;
      const where = formatPath(path);
      return {
        message: where === '' ? `${issue.message}.` : `${where}: ${issue.message}.`,
        source: placeOf(at ?? nearest(root, path)),
      };
    });
    return { file, targets: [], rules: {}, problems };
  }
  const targets = (result.data.targets ?? []).map((setting, index) => ({
    setting,
    evaluateAs: setting.evaluateAs ?? result.data.evaluateAs,
    source: placeOf(nearest(root, ['targets', index])),
  }));
  return { file, targets, rules: result.data.rules ?? {}, problems: [] };
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
