import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import * as z from 'zod';

import { findNix } from '../../../server/src/nix/installation.ts';
import { nixString } from '../../../server/src/nix/nixString.ts';
import { WarmNix } from '../../../server/src/nix/warm/warmNix.ts';
import { nixVersions } from '../../support/nixVersions.ts';
import { testParser } from '../../support/parser.ts';
import { nixPieces, nixText } from '../support/nixText.ts';
import { subject } from '../support/subject.ts';
import { anyText, wellFormed, changed, changeForm, changes, jsonWith } from '../support/texts.ts';

const parser = await testParser();
const newest = nixVersions().at(-1);

/** Texts that are no Nix to Nix are none to us, and the other way round. */
export const nixFiles = subject({
  name: 'nix-files',
  share: 6,
  cases: fc.record({ text: nixText, changes: fc.oneof(fc.constant([]), changes(nixPieces, 2)) }),
  form: z.object({ text: z.string(), changes: z.array(changeForm) }),
  async check({ text: whole, changes: given }) {
    // Nix reads bytes, and none of them is zero.
    const text = wellFormed(changed(whole, given)).replaceAll('\0', '');
    const said = await parseWithNix(text);
    // Nix looks at names and numbers too while it parses; only its syntax is compared.
    if (said !== undefined && !said.includes('syntax error')) return;
    const tree = parser.parse(text);
    const isError = tree.rootNode.hasError;
    tree.delete();
    if (isError === (said !== undefined)) return;
    assert.fail(
      `Nix says ${said ?? 'that it is right'}, we ${isError ? 'that it is wrong' : 'that it is right'}:\n${text}`,
    );
  },
});

/** What Nix says against a text; undefined where it parses. */
async function parseWithNix(text: string): Promise<string | undefined> {
  if (!newest) throw new Error('There is no Nix. Run: node scripts/setup-nix.mjs --all');
  const folder = mkdtempSync(join(tmpdir(), 'npl-fuzz-'));
  try {
    const file = join(folder, 'x.nix');
    writeFileSync(file, text);
    await promisify(execFile)(join(newest.directory, 'nix-instantiate'), ['--parse', file], {
      maxBuffer: 1 << 26,
    });
    return undefined;
  } catch (error) {
    if (
      error instanceof Error &&
      'stderr' in error &&
      typeof error.stderr === 'string' &&
      error.stderr.includes('error:')
    )
      return error.stderr;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const nix = await findNix();
let warm: WarmNix | undefined;

/** Ends the Nix that stays, so that the process can end. */
export async function endWarmNix(): Promise<void> {
  await warm?.[Symbol.asyncDispose]();
  warm = undefined;
}

/** A Nix that stays answers with the value that was asked for, whatever the program traces before, and tells errors as such. */
export const warmFrames = subject({
  name: 'warm-frames',
  share: 15,
  cases: fc.record({
    json: jsonWith(['@nix {"action":"msg","msg":"trace: x"}', 'trace: ', 'error: x', '\n', '\u001b[31m']),
    traces: fc.array(anyText, { maxLength: 3 }),
    fails: fc.boolean(),
  }),
  form: z.object({ json: z.unknown(), traces: z.array(z.string()), fails: z.boolean() }),
  async check({ json, traces, fails }) {
    warm ??= new WarmNix(nix, { cwd: tmpdir() });
    const clean = (text: string): string => wellFormed(text).replaceAll('\0', '');
    const text = clean(
      JSON.stringify(sameNumbers(json))
        .replaceAll('\\u0000', '')
        .replace(/\\ud[89a-f][0-9a-f]{2}/g, ''),
    );
    const value = fails ? 'throw "no value"' : `builtins.fromJSON ${nixString(text)}`;
    const expression = traces.reduce(
      (inner, trace) => `builtins.trace ${nixString(clean(trace))} (${inner})`,
      value,
    );
    const answer = warm.query(expression);
    if (fails) await assert.rejects(answer, /no value/);
    else assert.deepEqual(sameNumbers(await answer), sameNumbers(JSON.parse(text)));
  },
});

/** Nix prints numbers with six digits: those that are given have no more than four. */
function sameNumbers(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(4));
  if (Array.isArray(value)) return value.map(sameNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sameNumbers(inner)]));
}
