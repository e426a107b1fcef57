import { keyAcrossReports } from '../check/findings.ts';
import type { PolicedReport } from '../check/policy.ts';
import type { SourceRange } from '../model/location.ts';
import { decisiveCause, type Report } from '../model/report.ts';
import type { Steps } from '../model/slices.ts';
import { partsOf, type FindingPart } from './findingParts.ts';
import { oncePerReport } from './oncePerReport.ts';
import { isSamePlace } from './places.ts';
import { uriOfFile } from '../snapshot/documents.ts';
import { describePart } from './renderLeak.ts';
import { indexOf } from './reportIndex.ts';
import { editorText, oneLine } from './editorMessages.ts';

/** Consumers that are named as related information of one diagnostic. */
const mostConsumers = 10;

/** Further expressions through which it comes in, that are named. */
const mostOrigins = 4;

/** What is told of a place of the text that was evaluated. */
interface Remark {
  readonly source: SourceRange;
  readonly message: string;
}

/** With the URI of its file as long as no client names another one: to make it takes longer than to find the place. */
interface PlacedRemark extends Remark {
  readonly uri: string;
}

/** What is told of a part of a finding, wherever it stands by now. */
export interface PartTexts {
  readonly part: FindingPart;
  readonly message: string;
  /** From the origin over the steps to the cause, then who uses it. */
  readonly remarks: readonly PlacedRemark[];
  /** The same, at one place, for parts of several reports that are one to a reader. */
  readonly key: string;
}

/** The texts of a report's findings: whoever types moves their places only, so each is worded once. */
export const textsOf = oncePerReport(function* (report: PolicedReport): Steps<readonly PartTexts[]> {
  yield* indexOf.prepare(report);
  const all: PartTexts[] = [];
  for (const part of partsOf(report)) {
    yield;
    all.push({
      part,
      message: editorText(describePart(part, report)),
      remarks: remarksOf(part, report).map(({ source, message }) => ({
        source,
        message: editorText(message),
        uri: uriOfFile(source.file),
      })),
      key: keyAcrossReports(part, undefined, report),
    });
  }
  return all;
});

function remarksOf(part: FindingPart, report: Report): Remark[] {
  return joinRepeated([...causeOf(part, report), ...otherOrigins(part), ...consumersOf(part, report)]);
}

/** What is told of one place several times in a row, told of it once. */
function joinRepeated(remarks: readonly Remark[]): Remark[] {
  const joined: Remark[] = [];
  for (const remark of remarks) {
    const last = joined.at(-1);
    if (!last || !isSamePlace(last.source, remark.source)) joined.push(remark);
    else if (!last.message.split('; ').includes(remark.message))
      joined.splice(-1, 1, { ...last, message: `${last.message}; ${remark.message}` });
  }
  return joined;
}

function causeOf({ leaks: [leak] }: FindingPart, report: Report): Remark[] {
  const { steps = [], message = '' } = leak.reason ?? {};
  const { source } = decisiveCause(leak, report) ?? {};
  if (!source || steps.some((step) => isSamePlace(step.source, source))) return [...steps];
  return [...steps, { source, message }];
}

/** Those in the same file: elsewhere are mostly functions through which it passes. */
function otherOrigins({ leaks: [{ origins }] }: FindingPart): Remark[] {
  const [first, ...others] = origins;
  return others
    .filter(({ source }) => source.file === first?.source.file)
    .slice(0, mostOrigins)
    .map(({ source, text }) => ({ source, message: `\`${oneLine(text)}\` brings it in as well` }));
}

function consumersOf({ leaks, origin }: FindingPart, report: Report): Remark[] {
  const { graph } = report;
  const edges = leaks.flatMap((leak) => leak.edges);
  return edges.slice(0, mostConsumers).flatMap((edge) => {
    const observations = indexOf(report).observationsOf(edge.consumer);
    const beside = observations.find(({ source }) => source.file === origin?.source.file);
    const observation = beside ?? observations[0];
    if (!observation) return [];
    const consumer = graph.derivation(edge.consumer).name;
    const input = graph.derivation(edge.input).name;
    return [{ source: observation.source, message: `${consumer} uses ${input} (${edge.roles.join(', ')})` }];
  });
}
