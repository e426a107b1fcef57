import { resultsJson, resultsText } from './listFormats.ts';
import type { CheckResults, FormatContext } from './results.ts';
import { resultsDot } from './toDot.ts';
import { resultsGithub } from './toGithub.ts';
import { resultsMarkdown } from './toMarkdown.ts';
import { resultsMermaid } from './toMermaid.ts';
import { resultsSarif } from './toSarif.ts';

/** Makes a text of results, empty where there is nothing to print, else with a line break at its end. */
type Format = (results: CheckResults, context: FormatContext) => string;

/** Every format by the name under which it is asked for. */
export const formats = {
  text: resultsText,
  json: resultsJson,
  sarif: resultsSarif,
  github: resultsGithub,
  markdown: resultsMarkdown,
  dot: resultsDot,
  mermaid: resultsMermaid,
} as const satisfies Readonly<Record<string, Format>>;

export type OutputFormat = keyof typeof formats;

export function isOutputFormat(name: string): name is OutputFormat {
  return Object.hasOwn(formats, name);
}
