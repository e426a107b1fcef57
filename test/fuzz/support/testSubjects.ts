import { describe, test } from 'node:test';

import { casesOf } from './cases.ts';
import type { Subject } from './subject.ts';

/** Over all subjects; `npm run fuzz` takes a million, and another seed each time. */
const cases = 20_000;
const seed = Number(process.env['NPL_FUZZ_SEED'] ?? 20_000);

/** A test for each subject: what once failed, then random cases that are the same in every run. */
export function testSubjects(subjects: readonly Subject[]): void {
  describe(`fuzzing with seed ${seed}`, () => {
    for (const subject of subjects) {
      const own = casesOf(subject, cases);
      test(`${subject.name}: the corpus and ${own} random cases`, async () => {
        await subject.replay();
        const found = await subject.search(own, seed);
        if (found) throw new Error(found.report);
      });
    }
  });
}
