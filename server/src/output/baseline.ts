import * as z from 'zod';
import { withLeaks, type PolicedReport } from '../check/policy.ts';
import type { AttributedLeak } from '../model/report.ts';
import type { Fingerprint, Fingerprints } from './fingerprints.ts';

/** The leaks that a repository has and knows of; see {@link baselineText}. */
export type Baseline = ReadonlyMap<string, Fingerprint>;

const entry = z.object({
  fingerprint: z.string().regex(/^[0-9a-f]{20}$/, 'a fingerprint has 20 hexadecimal digits'),
  rule: z.string(),
  file: z.string(),
  within: z.string(),
  text: z.string(),
  input: z.string(),
});

const document = z.object({ version: z.literal(1), leaks: z.array(entry) });

/**
 * Reads what {@link baselineText} wrote.
 *
 * @throws Error with one line that says what is wrong
 */
export function parseBaseline(text: string): Baseline {
  const parsed = document.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is no baseline'}`);
  }
  return new Map(
    parsed.data.leaks.map(({ fingerprint, ...identity }) => [
      fingerprint,
      { ...identity, hash: fingerprint },
    ]),
  );
}

/** A baseline as a file: sorted, one property a line, so that versions of it compare well. */
export function baselineText(entries: Iterable<Fingerprint>): string {
  const byHash = new Map([...entries].map((one) => [one.hash, one]));
  const leaks = [...byHash.values()]
    .map(({ hash, rule, file, within, text, input }) => ({
      fingerprint: hash,
      rule,
      file,
      within,
      text,
      input,
    }))
    .sort((one, other) => {
      const [first, second] = [one, other].map(({ file, within, text, input, rule, fingerprint }) =>
        [file, within, text, input, rule, fingerprint].join('\u0000'),
      );
      return (first ?? '') < (second ?? '') ? -1 : 1;
    });
  return `${JSON.stringify({ version: 1, leaks }, undefined, 2)}\n`;
}

/** Notes are never an error: no baseline holds them, and none takes them away. */
export function isBaselined({ severity }: AttributedLeak): boolean {
  return severity !== 'info';
}

/** Takes the leaks out of a report that a baseline knows. */
export function withoutKnown(
  report: PolicedReport,
  fingerprints: Fingerprints,
  baseline: Baseline,
): { readonly report: PolicedReport; readonly known: readonly AttributedLeak[] } {
  const isKnown = (leak: AttributedLeak): boolean =>
    isBaselined(leak) && baseline.has(fingerprints.get(leak)?.hash ?? '');
  const known = report.leaks.filter(isKnown);
  if (known.length === 0) return { report, known };
  const unknown = report.leaks.filter((leak) => !isKnown(leak));
  return { report: withLeaks(report, unknown), known };
}

/** The entries of a baseline that none of these leaks is. */
export function goneFrom(baseline: Baseline, present: ReadonlySet<string>): Fingerprint[] {
  return [...baseline.values()].filter(({ hash }) => !present.has(hash));
}
