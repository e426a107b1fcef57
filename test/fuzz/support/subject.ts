import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type * as z from 'zod';

/** Something that is read from outside, with what must be true of its reading. */
export interface Subject {
  readonly name: string;
  /** How many of a thousand cases over all subjects are its own: fewer where a case is slow. */
  readonly share: number;
  /** Checks the cases of the corpus; gives back how many there are. */
  replay(): Promise<number>;
  /** Checks so many random cases; undefined where all of them hold. */
  search(cases: number, seed: number): Promise<Counterexample | undefined>;
}

export interface Counterexample {
  /** What to read: the smallest case, what went wrong, and how to get it again. */
  readonly report: string;
  /** Writes it into the corpus, from where it is checked first, always; gives back the file. */
  readonly save: () => string;
}

interface SubjectOptions<Case> {
  readonly name: string;
  readonly share: number;
  /** Cases are plain JSON, so that the corpus can hold them. */
  readonly cases: fc.Arbitrary<Case>;
  readonly form: z.ZodType<Case>;
  /** Throws where something is not as it must be. */
  readonly check: (given: Case) => void | Promise<void>;
}

const corpus = join(import.meta.dirname, '../corpus');

export function subject<Case>({ name, share, cases, form, check }: SubjectOptions<Case>): Subject {
  const directory = join(corpus, name);
  return {
    name,
    share,
    async replay() {
      const files = filesIn(directory);
      for (const file of files) {
        const given = form.parse(JSON.parse(readFileSync(join(directory, file), 'utf8')));
        try {
          await check(given);
        } catch (cause) {
          throw new Error(`${join(directory, file)}: ${messageOf(cause)}`, { cause });
        }
      }
      return files.length;
    },
    async search(numRuns, seed) {
      const property = fc.asyncProperty(cases, async (given) =>
        // As it comes back from the corpus.
        check(form.parse(JSON.parse(JSON.stringify(given)))),
      );
      const result = await fc.check(property, { numRuns, seed });
      if (!result.failed) return undefined;
      const [smallest] = result.counterexample ?? [];
      const text = `${JSON.stringify(smallest, undefined, 2)}\n`;
      const fault = messageOf(result.errorInstance);
      return {
        report:
          `${name}: ${fault}\nThe smallest case, after ${result.numRuns} cases:\n${text}` +
          `To get it again: npm run fuzz -- --subject ${name} --seed ${seed} --cases ${numRuns}`,
        save: () => {
          const file = join(
            directory,
            `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`,
          );
          mkdirSync(directory, { recursive: true });
          writeFileSync(file, text);
          return file;
        },
      };
    },
  };
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
