import type { Fix } from '../fixes/fix.ts';
import { diffOfTexts } from './diff.ts';
import type { AttributedLeak } from '../model/report.ts';
import type { Paint } from './paint.ts';
import { repairLine } from './repairsText.ts';
import type { EvaluationResult } from './results.ts';
import { countOf, oneLine } from './sentences.ts';
import { exactText, joinLines, terminalText } from './shown.ts';
import { toldFindings, type ToldFinding } from './toldFindings.ts';
import { fixJson } from './toJson.ts';
import { placeOf } from './toText.ts';

/** What `fix` did, and what is left to do. */
export interface FixResults {
  readonly applied: readonly Fix[];
  /** The targets as they are then. */
  readonly evaluations: readonly EvaluationResult[];
  /** Repairs were looked for of some findings only, or in some files only. */
  readonly isRestricted: boolean;
  /** Why no repair of a leak was tried although there are some: a clause. */
  readonly withheld?: ReadonlyMap<AttributedLeak, string>;
}

/** For people: each repair that was applied, and each finding that is left. */
export function fixText(results: FixResults, directory: string, paint: Paint): string {
  const { applied } = results;
  const left = findingsLeft(results, directory);
  const rows = applied.map((fix) => repairLine(fixJson(fix, directory), paint));
  return terminalText([
    ...rows,
    ...(rows.length > 0 ? [''] : []),
    [whatWasDone(applied), whatIsLeft(left.length, results)].filter((part) => part !== '').join(' '),
    ...left.flatMap((told) => ['', ...findingLines(told, results, paint)]),
  ]);
}

/** What a patch repairs, and what is left then. */
export function patchNote(results: FixResults, directory: string, paint: Paint): string {
  const { applied } = results;
  const left = findingsLeft(results, directory);
  const what = applied.length === 0 ? '' : `The patch has ${countOf(applied.length, 'repair')}.`;
  return terminalText([
    [what, whatIsLeft(left.length, results)].filter((part) => part !== '').join(' '),
    ...left.flatMap((told) => ['', ...findingLines(told, results, paint)]),
  ]);
}

/** A patch of all edited files that `git apply` takes. */
export function patchText(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  nameOf: (file: string) => string,
  isOnScreen: boolean,
): string {
  const files = [...after].sort(([one], [other]) => (one < other ? -1 : 1));
  return exactText(
    files.flatMap(([file, text]) => diffOfTexts(nameOf(file), before.get(file) ?? '', text)),
    isOnScreen,
  );
}

/** Empty where nothing was. */
export function whatWasDone(applied: readonly Fix[]): string {
  const files = new Set(applied.flatMap(({ edits }) => edits.map(({ file }) => file)));
  return applied.length === 0
    ? ''
    : `Applied ${countOf(applied.length, 'repair')} in ${countOf(files.size, 'file')}.`;
}

function whatIsLeft(left: number, { applied, evaluations }: FixResults): string {
  const isSeen = evaluations.every(({ outcome }) => outcome.kind === 'judged');
  if (left > 0) {
    const what = `${countOf(left, 'finding')} ${left === 1 ? 'is' : 'are'} left`;
    return applied.length === 0 ? `No repair is proven; ${what}.` : `${what}.`;
  }
  if (!isSeen) return 'Not everything could be evaluated.';
  return applied.length === 0 ? 'There is nothing to repair.' : 'Nothing wrong is left.';
}

function findingsLeft({ evaluations }: FixResults, directory: string): ReturnType<typeof toldFindings> {
  const results = { evaluations, dependences: [], unusedSuppressions: [], isList: false };
  return toldFindings(results, directory).filter(({ finding }) => finding.severity !== 'info');
}

function findingLines(told: ToldFinding, results: FixResults, paint: Paint): string[] {
  const { finding } = told;
  const [origin] = finding.origins;
  const [fix] = finding.fixes;
  const severity = finding.severity === 'error' ? paint.red('error') : paint.yellow('warning');
  return [
    `${severity}: ${joinLines(finding.explanation)}`,
    ...(origin ? [`  ${paint.bold(placeOf(origin))}  ${oneLine(origin.text, 98)}`] : []),
    `  ${fix ? repairLine(fix, paint) : paint.dim(whyNoRepair(told, results))}`,
  ];
}

function whyNoRepair({ finding, report }: ToldFinding, { isRestricted, withheld }: FixResults): string {
  if (isRestricted) return 'no repair is known within what --rule and --only say';
  const leaks = finding.leaks.flatMap((index) => report.leaks[index] ?? []);
  const [why] = leaks.flatMap((leak) => withheld?.get(leak) ?? []);
  return why ?? 'no repair is known';
}
