import type { Report } from '../model/report.ts';

/** Of reports that were asked for: each has thousands of observations, and is asked about every open file. */
const known = new WeakMap<Report['observations'], ReadonlySet<string>>();

/** The files of whose expressions a report has seen values. */
export function observedFiles({ observations }: Pick<Report, 'observations'>): ReadonlySet<string> {
  const files = known.get(observations) ?? new Set(observations.map(({ source }) => source.file));
  known.set(observations, files);
  return files;
}
