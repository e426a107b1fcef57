import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';

import { applyEdits } from '../../../server/src/fixes/applyEdits.ts';
import { buildPackageSets } from '../../../server/src/fixes/buildPackageSet.ts';
import type { SourceEdit } from '../../../server/src/fixes/fix.ts';
import type { RepairContext } from '../../../server/src/fixes/repair.ts';
import { repairs } from '../../../server/src/fixes/repairs.ts';
import { comparePositions } from '../../../server/src/model/location.ts';
import { ruleIds, type RuleId } from '../../../server/src/model/judgement.ts';
import type { AttributedLeak, CauseKind } from '../../../server/src/model/report.ts';
import { expressionsOf } from '../../../server/src/syntax/descent.ts';
import { parseSourceFile, rangeIn } from '../../../server/src/syntax/sourceFile.ts';
import { testParser } from '../../support/parser.ts';
import { nixText } from '../support/nixText.ts';
import { subject } from '../support/subject.ts';

const parser = await testParser();
const file = '/x.nix';

const causes: readonly CauseKind[] = [
  'package-set-without-system',
  'shadowed-with',
  'current-system',
  'hard-coded-system',
  'wrong-flake-system',
  'argument',
  'unspliced',
];

/** What any repair proposes for any expression of a file leaves a file that can be parsed, and edits no place twice. */
export const proposedRepairs = subject({
  name: 'proposed-repairs',
  share: 60,
  cases: fc.record({
    text: nixText,
    places: fc.array(fc.nat(200), { minLength: 1, maxLength: 3 }),
    rule: fc.constantFrom(...ruleIds),
    cause: fc.constantFrom(...causes),
  }),
  form: z.object({
    text: z.string(),
    places: z.array(z.number()),
    rule: z.enum(ruleIds),
    cause: z.enum(causes),
  }),
  check({ text, places, rule, cause }) {
    const source = parseSourceFile(file, text, parser);
    if (!source.wellFormed) return;
    const expressions = [...expressionsOf(source.root)];
    const chosen = [...new Set(places.map((place) => expressions[place % expressions.length]))];
    const placed = chosen.flatMap((expression) => (expression ? [{ source, expression }] : []));
    const [origin] = placed;
    assert.ok(origin);
    const context: RepairContext = {
      leaks: [leakOf(rule)],
      cause: { kind: cause, message: '', steps: [], source: rangeIn(source, origin.expression), text: '' },
      causePlace: origin,
      origin,
      origins: placed,
      places: placed.map((place) => ({ ...place, isInConsumer: true })),
      rightSets: ['pkgs'],
      buildSets: buildPackageSets,
      expected: 'x86_64-linux',
      isCrossCompiled: true,
      isOfBuildPlatform: false,
    };
    for (const candidate of repairs.flatMap((repair) => repair(context))) {
      for (const edits of [candidate.edits, candidate.control ?? []]) assertApart(edits);
      const after = applyEdits(candidate.edits, new Map([[file, text]])).get(file) ?? text;
      assert.ok(parseSourceFile(file, after, parser).wellFormed, `${candidate.title}: ${after}`);
    }
  },
});

function leakOf(rule: RuleId): AttributedLeak {
  return {
    input: 0,
    severity: 'error',
    rule,
    explanation: '',
    edges: [],
    faults: [],
    path: [0],
    origins: [],
    cause: 0,
    bringsIn: 0,
  };
}

/** Edits of one text that an editor takes must not overlap. */
function assertApart(edits: readonly SourceEdit[]): void {
  const ranges = edits
    .map(({ range }) => range)
    .sort((one, other) => comparePositions(one.start, other.start) || comparePositions(one.end, other.end));
  for (const [index, { end }] of ranges.entries()) {
    const next = ranges[index + 1];
    if (next) assert.ok(comparePositions(end, next.start) <= 0, JSON.stringify(edits));
  }
}
