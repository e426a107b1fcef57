import { isText, RecognisableText, type DiskText } from '../../snapshot/diskText.ts';
import type { Evaluation, Snapshot } from '../../snapshot/snapshot.ts';
import { changed, delays, type Action, type Handlers, type ReadCause, type SessionState } from '../state.ts';
import { moveRanges } from './documentEvents.ts';

export interface DiskEvents {
  /** Files were read, for whatever reason: they may hold something else than was known. */
  readonly 'disk-read': DiskRead;
}

export interface DiskRead {
  /** By absolute path; undefined where there is no file that can be read. */
  readonly texts: ReadonlyMap<string, string | undefined>;
  readonly cause: ReadCause;
  /** Key of the evaluation whose run reads them: it goes by what it reads without being started anew. */
  readonly reader?: string;
}

export const diskEvents: Handlers<DiskEvents> = {
  'disk-read': (state, read) => {
    const { snapshot } = state;
    const { texts, cause } = read;
    const news = [...texts].filter(([file, text]) => isNews(state, file, text, cause)).map(([file]) => file);
    const known = learn(snapshot, read);
    if (news.length === 0) {
      const step = changed(state, known, isSameAsKnown(snapshot, texts) ? [] : ['documents']);
      // Somebody saved what was evaluated already: they want it evaluated.
      const isWanted = cause === 'saved' && !snapshot.evaluations.some(({ running }) => running);
      return isWanted ? { ...step, actions: evaluateAgain(step.state, delays.save) } : step;
    }
    const diskGeneration = snapshot.diskGeneration + 1;
    // A report that has evaluated all of these files is compared by their texts, so it takes the new number.
    const current = <Made extends { readonly diskGeneration: number }>(
      made: Made | undefined,
      evaluated: ReadonlyMap<string, string> | undefined,
    ): Made | undefined => {
      const isOfBefore = made?.diskGeneration === snapshot.diskGeneration;
      return made && isOfBefore && news.every((file) => evaluated?.has(file))
        ? { ...made, diskGeneration }
        : made;
    };
    const evaluations = known.evaluations.map((evaluation) => ({
      ...evaluation,
      evaluated: current(evaluation.evaluated, evaluation.evaluated?.report.sources),
      failure: current(evaluation.failure, evaluation.failure?.ranges.baselines),
    }));
    const step = changed(state, { ...known, evaluations, diskGeneration }, ['run']);
    const isSave = cause === 'saved';
    const isOnlyReaders = !snapshot.evaluations.some((evaluation) => goesBy(evaluation, news, read.reader));
    return {
      ...step,
      actions: [
        ...(isSave
          ? news.map((file): Action => ({ kind: 'tell-askers', file }))
          : [{ kind: 'invalidate-askers' } as const]),
        { kind: 'invalidate-targets' },
        ...(read.reader !== undefined && isOnlyReaders
          ? []
          : evaluateAgain(step.state, isSave ? delays.save : delays.filesChanged)),
      ],
    };
  },
};

/** True where an evaluation other than the reader's has one of the files' older text, or may have. */
function goesBy(
  { key, running, evaluated, failure }: Evaluation,
  files: readonly string[],
  reader: string | undefined,
): boolean {
  if (key === reader) return false;
  const hasRead = (file: string): boolean =>
    (evaluated?.report.sources.has(file) ?? false) || (failure?.ranges.baselines.has(file) ?? false);
  return running !== undefined || files.some(hasRead);
}

/** What was read, with the ranges whose older text is known only now. */
function learn(
  snapshot: Snapshot,
  { texts, cause }: DiskRead,
): Pick<Snapshot, 'diskTexts' | 'evaluations' | 'targetRanges'> {
  const open = [...texts].flatMap(([file, text]) => {
    const document = snapshot.documents.get(file);
    return document && text !== undefined ? [{ document, text }] : [];
  });
  const moved = moveRanges(snapshot, (ranges) => ranges.learned(open));
  const diskTexts = new Map(snapshot.diskTexts);
  for (const [file, text] of texts) {
    const known = textToKeep(snapshot, file, text);
    if (known === undefined && cause === 'told' && !isOfSomebody(snapshot, file)) diskTexts.delete(file);
    else diskTexts.set(file, known);
  }
  return { ...moved, diskTexts };
}

/** The text of an open file, or the one that was evaluated; of any other one only so much that it is recognised. */
function textToKeep({ documents, evaluations }: Snapshot, file: string, text: string | undefined): DiskText {
  if (text === undefined || documents.has(file)) return text;
  for (const evaluation of evaluations)
    for (const texts of textsOf(evaluation)) if (texts.get(file) === text) return texts.get(file);
  return new RecognisableText(text);
}

/** True where a file is open, or was evaluated. */
function isOfSomebody({ documents, evaluations }: Snapshot, file: string): boolean {
  return (
    documents.has(file) ||
    evaluations.some((evaluation) => textsOf(evaluation).some((texts) => texts.has(file)))
  );
}

/** The texts of which an evaluation speaks. */
function textsOf({ evaluated, failure }: Evaluation): ReadonlyMap<string, string>[] {
  return [evaluated?.report.sources, failure?.ranges.baselines].flatMap((texts) => texts ?? []);
}

/** What is known of the disk, less the files that are not open and hold what every report has. */
export function withoutAgreed({ diskTexts, documents, evaluations }: Snapshot): Snapshot['diskTexts'] {
  const isAgreed = (file: string, text: DiskText): boolean =>
    evaluations.every(({ evaluated, failure }) => {
      const texts = failure?.ranges.baselines ?? evaluated?.report.sources;
      return texts?.has(file) !== true || isText(text, texts.get(file));
    });
  return new Map([...diskTexts].filter(([file, text]) => documents.has(file) || !isAgreed(file, text)));
}

function isSameAsKnown({ diskTexts }: Snapshot, texts: DiskRead['texts']): boolean {
  return [...texts].every(([file, text]) => diskTexts.has(file) && isText(diskTexts.get(file), text));
}

/** True where what is there now was not known, and was not evaluated either. */
function isNews(
  { snapshot }: SessionState,
  file: string,
  text: string | undefined,
  cause: ReadCause,
): boolean {
  const { documents, diskTexts, evaluations } = snapshot;
  const isTold = cause === 'told';
  // Of what is no text nobody knows whether it is another one.
  const isUnreadable = text === undefined && !documents.has(file);
  if (diskTexts.has(file) && !(isTold && isUnreadable)) return !isText(diskTexts.get(file), text);
  const isOther = ({ evaluated }: Evaluation): boolean => {
    const sources = evaluated?.report.sources;
    return isTold ? sources?.get(file) !== text : sources?.has(file) === true && sources.get(file) !== text;
  };
  if (!isTold) return evaluations.some((evaluation) => !evaluation.evaluated?.asOf && isOther(evaluation));
  if (text === undefined || evaluations.length === 0) return true;
  return evaluations.some((evaluation) => evaluation.running !== undefined || isOther(evaluation));
}

function evaluateAgain({ snapshot, isConfigured }: SessionState, delay: number): Action[] {
  const { trusted, settings } = snapshot;
  return trusted && isConfigured && settings['evaluation.onSave'] ? [{ kind: 'evaluate-soon', delay }] : [];
}
