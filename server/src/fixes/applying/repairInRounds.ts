import type { PolicedReport } from '../../check/policy.ts';
import type { AttributedLeak, Report } from '../../model/report.ts';
import { comparePositions } from '../../model/location.ts';
import { inSlices } from '../../model/slices.ts';
import { probeLevels } from '../../probing/probes.ts';
import type { Evaluator } from '../../running/evaluator.ts';
import type { NixParser } from '../../syntax/parser.ts';
import { applyEdits } from '../applyEdits.ts';
import type { Fix } from '../fix.ts';
import type { ProofSubject } from '../proof/attempts.ts';
import { proveFixes, type ProofOptions } from '../proveFixes.ts';
import { chooseTogether } from './chooseTogether.ts';

/** So often repairs are looked for again after some were applied. */
const mostRounds = 20;

export interface RoundsOptions extends Omit<ProofOptions, 'isWanted' | 'onWithheld' | 'cache'> {
  readonly isWanted?: (leak: AttributedLeak) => boolean;
  /** Applies what people allow, and how much a rule matters, to a report. */
  readonly police: (report: Report) => Promise<PolicedReport>;
  /** Told of the repairs of a round before they are applied; what it throws ends all. */
  readonly onRound?: (chosen: readonly Fix[]) => Promise<void>;
}

/** What came of repairing in rounds; no file was written. */
export interface RepairedTexts {
  /** All repairs that were applied, each with its places in the text of its round. */
  readonly applied: readonly Fix[];
  /** The texts of the edited files, by absolute path. */
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  /** What the repaired texts evaluate to, in the order of the subjects, with the repairs that are not proven. */
  readonly left: readonly { readonly subject: ProofSubject; readonly fixes: readonly Fix[] }[];
  /** Of the leaks that are left, why no repair was tried although there are some: a clause. */
  readonly withheld: ReadonlyMap<AttributedLeak, string>;
}

/**
 * Applies proven repairs to the texts of reports: all that may be applied at
 * once, then those that are proven of what comes out, until there are none.
 */
export async function repairInRounds(
  subjects: readonly ProofSubject[],
  parser: NixParser,
  evaluator: Evaluator,
  { isWanted = () => true, police, onRound, timeLimitMs, ...proving }: RoundsOptions,
): Promise<RepairedTexts> {
  const before = new Map<string, string>();
  let after: ReadonlyMap<string, string> = new Map();
  const applied: Fix[] = [];
  let current = subjects;
  let timeLeftMs = timeLimitMs;
  for (let round = 0; ; round++) {
    const started = performance.now();
    const withheld = new Map<AttributedLeak, string>();
    const found = await proveFixes(current, parser, evaluator, {
      ...proving,
      timeLimitMs: timeLeftMs,
      isWanted: (_, leak) => isWanted(leak),
      onWithheld: (leaks, why) => {
        for (const leak of leaks) withheld.set(leak, why);
      },
    });
    // One limit for the proofs of all rounds; no time at all is the shortest one.
    timeLeftMs = Math.max(1, timeLeftMs - (performance.now() - started));
    const fixesOf = ({ report }: ProofSubject): readonly Fix[] => found.get(report) ?? [];
    const chosen = round < mostRounds ? await inSlices(chooseTogether(current.flatMap(fixesOf))) : [];
    const left = current.map((subject) => ({ subject, fixes: fixesOf(subject) }));
    if (chosen.length === 0) return { applied, before, after, left, withheld };
    await onRound?.(chosen);
    const texts = new Map(current.flatMap(({ report }) => [...report.sources]));
    const edited = applyEdits(
      chosen.flatMap(({ edits }) => edits),
      texts,
    );
    const next = new Map([...after, ...edited]);
    const evaluated = await evaluateEdited(current, next, edited, evaluator, police);
    // What was proven does not evaluate when it is observed: what is applied stays, and is looked at no further.
    const isSeen = evaluated.every((subject) => subject !== undefined);
    for (const file of edited.keys()) before.set(file, before.get(file) ?? texts.get(file) ?? '');
    after = next;
    applied.push(...[...chosen].sort(byPlace));
    if (!isSeen)
      return { applied, before, after, left: current.map((subject) => ({ subject, fixes: [] })), withheld };
    current = evaluated;
  }
}

/** As a reader goes through the files. */
function byPlace({ edits: [one] }: Fix, { edits: [other] }: Fix): number {
  if (!one || !other) return 0;
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return comparePositions(one.range.start, other.range.start);
}

/** Evaluates those that read an edited file once more; undefined for one that gives no report. */
async function evaluateEdited(
  subjects: readonly ProofSubject[],
  overlays: ReadonlyMap<string, string>,
  edited: ReadonlyMap<string, string>,
  evaluator: Evaluator,
  police: (report: Report) => Promise<PolicedReport>,
): Promise<(ProofSubject | undefined)[]> {
  const next: (ProofSubject | undefined)[] = [];
  for (const subject of subjects) {
    const { report, options } = subject;
    const level = probeLevels[report.probes.level ?? -1];
    const reads = [...edited.keys()].some((file) => report.sources.has(file));
    if (!reads || level === undefined) {
      next.push(subject);
      continue;
    }
    const outcome = await evaluator.runEdited(report.request, overlays, level, options);
    next.push(
      outcome.kind === 'report' ? { ...subject, report: await police(outcome.report), overlays } : undefined,
    );
  }
  return next;
}
