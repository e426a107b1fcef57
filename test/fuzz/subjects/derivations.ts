import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';

import { parseDerivation } from '../../../server/src/derivation/aterm.ts';
import { MalformedDerivationError } from '../../../server/src/derivation/malformedDerivation.ts';
import type { ParsedDerivation } from '../../../server/src/derivation/parsedDerivation.ts';
import { decodeDerivation, decodeDerivations } from '../../../server/src/derivation/decodeDerivation.ts';
import {
  atermOf,
  derivationForm,
  drvPath,
  givenDerivation,
  jsonForms,
  jsonOf,
  pathOf,
  storeDir,
} from '../support/derivation.ts';
import { subject } from '../support/subject.ts';
import { changed, changeForm, changes, jsonWith, refusedOr } from '../support/texts.ts';

/** A .drv file and the JSON of every version of Nix say the same of one derivation, and what it was made of. */
export const derivationForms = subject({
  name: 'derivation-forms',
  share: 90,
  cases: givenDerivation,
  form: derivationForm,
  check(given) {
    const read = parseDerivation(Buffer.from(atermOf(given)), drvPath);
    assert.deepEqual(
      read.outputs,
      given.outputs.map((output) => {
        const [path, fixedOutput] = [pathOf(output), output.kind === 'fixed'];
        return path === '' ? { name: output.name, fixedOutput } : { name: output.name, path, fixedOutput };
      }),
    );
    assert.deepEqual(
      read.inputs.map(({ drvPath: path, outputs }) => ({ path, outputs: [...outputs] })),
      given.inputs,
    );
    assert.deepEqual([read.system, read.builder], [given.system, given.builder]);
    for (const form of jsonForms) {
      const decoded = decodeDerivation(JSON.parse(JSON.stringify(jsonOf(given, form))), drvPath);
      assert.deepEqual(sorted(decoded), sorted(read), `the JSON since ${form.since}`);
    }
  },
});

/** The order of the members of a JSON object, and of what is found in them, means nothing. */
function sorted(derivation: ParsedDerivation): unknown {
  const byText = <Value>(values: readonly Value[]): Value[] =>
    [...values].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  const { outputs, inputs, uses, ...rest } = derivation;
  return { ...rest, outputs: byText(outputs), inputs: byText(inputs), uses: byText(uses) };
}

const pieces = [
  '"',
  '\\',
  '(',
  ')',
  '[',
  ']',
  ',',
  '[]',
  '("out","","","")',
  'Derive([',
  'DrvWithVersion("xp-dyn-drv",[',
  '(["out"],[',
  '/nix/store/',
];

/** A damaged .drv file is refused with the place of the damage, or read; nothing else. */
export const damagedDerivations = subject({
  name: 'damaged-derivations',
  share: 130,
  cases: fc.record({ derivation: givenDerivation, changes: changes(pieces) }),
  form: z.object({ derivation: derivationForm, changes: z.array(changeForm) }),
  check({ derivation, changes: given }) {
    const bytes = Buffer.from(changed(atermOf(derivation), given));
    try {
      const { outputs, inputs } = parseDerivation(bytes, drvPath);
      for (const { path } of outputs) assert.ok(path === undefined || path.startsWith('/'));
      for (const input of inputs) assert.ok(input.drvPath.startsWith('/'));
    } catch (error) {
      if (!(error instanceof MalformedDerivationError)) throw error;
      assert.ok(
        error.offset !== undefined && error.offset >= 0 && error.offset <= bytes.length,
        error.message,
      );
    }
  },
});

const words = [
  'derivations',
  'version',
  'outputs',
  'inputDrvs',
  'inputs',
  'drvs',
  'dynamicOutputs',
  'system',
  'platform',
  'builder',
  'args',
  'env',
  'structuredAttrs',
  'path',
  'hash',
  '__json',
  '{}',
  'out',
  drvPath,
  '__proto__',
];

/** Any JSON in the place of what Nix prints is refused as such, or read with paths that are absolute. */
export const derivationJson = subject({
  name: 'derivation-json',
  share: 70,
  cases: fc.record({ json: jsonWith(words), within: fc.boolean() }),
  form: z.object({ json: z.unknown(), within: z.boolean() }),
  check({ json, within }) {
    const given = within ? { [drvPath]: json } : json;
    const read = refusedOr(MalformedDerivationError, () => decodeDerivations(given, storeDir));
    for (const [path, { inputs }] of read ?? []) {
      for (const absolute of [path, ...inputs.map((input) => input.drvPath)])
        assert.ok(absolute.startsWith('/'));
    }
  },
});
