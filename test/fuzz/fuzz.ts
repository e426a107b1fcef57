/**
 * `npm run fuzz`: a million random cases over all subjects, after those of the
 * corpus. What fails is printed with the smallest case and its seed.
 */
import { parseArgs } from 'node:util';

import { endWarmNix } from './subjects/nix.ts';
import { casesOf, subjects } from './support/cases.ts';

const { values: given } = parseArgs({
  options: {
    subject: { type: 'string', multiple: true },
    cases: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    save: { type: 'boolean', default: false },
  },
});
const seed = Number(given.seed);
const cases = given.cases === undefined ? undefined : Number(given.cases);
const names = subjects.map(({ name }) => name);
const unknown = (given.subject ?? []).filter((name) => !names.includes(name));
if (!Number.isInteger(seed) || (cases !== undefined && !(cases > 0)) || unknown.length > 0) {
  console.error(`--seed and --cases take whole numbers, --subject one of: ${names.join(', ')}.`);
  process.exit(2);
}

console.log(`seed ${seed}`);
for (const subject of subjects) {
  if (given.subject && !given.subject.includes(subject.name)) continue;
  // Of one subject alone all cases are its own.
  const count = given.subject && cases !== undefined ? cases : casesOf(subject, cases ?? 1_000_000);
  const start = performance.now();
  try {
    const replayed = await subject.replay();
    const found = await subject.search(count, seed);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    if (found === undefined) {
      console.log(
        `✓ ${subject.name.padEnd(20)} ${replayed} of the corpus, ${count} random cases in ${seconds} s`,
      );
      continue;
    }
    console.log(`✗ ${found.report}`);
    console.log(given.save ? `It is kept in ${found.save()}` : 'Add --save to keep it in the corpus.');
  } catch (error) {
    console.log(
      `✗ ${subject.name}: a case of the corpus: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  process.exitCode = 1;
}
await endWarmNix();
