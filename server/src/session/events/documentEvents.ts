import type { DocumentChange, OpenDocument } from '../../snapshot/documents.ts';
import type { RangeTracker } from '../../snapshot/rangeTracker.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { SyntaxProblem } from '../../snapshot/syntaxProblems.ts';
import { changed, delays, unchanged, type Action, type Handlers, type SessionState } from '../state.ts';

export interface DocumentEvents {
  readonly 'document-opened': { readonly document: OpenDocument };
  readonly 'document-changed': DocumentChange;
  readonly 'document-saved': { readonly file: string };
  readonly 'document-closed': { readonly file: string };
  /** The open documents were parsed. */
  readonly 'documents-parsed': Pick<Snapshot, 'textLimits'> & {
    readonly syntaxProblems: ReadonlyMap<string, readonly SyntaxProblem[]>;
  };
}

const parseSoon: Action = { kind: 'parse-soon', delay: delays.parse };

export const documentEvents: Handlers<DocumentEvents> = {
  'document-opened': (state, { document }) => {
    const { snapshot } = state;
    const { file } = document;
    const documents = new Map(snapshot.documents).set(file, document);
    const changes = { documents, ...moveRanges(snapshot, (ranges) => ranges.opened(document)) };
    return changed(
      state,
      changes,
      ['documents'],
      [
        { kind: 'read-disk', files: [file], cause: 'opened' },
        parseSoon,
        { kind: 'evaluate-unless-known' },
        { kind: 'accompany-soon' },
      ],
    );
  },
  'document-changed': (state, change) => {
    const { snapshot } = state;
    const documents = new Map(snapshot.documents).set(change.document.file, change.document);
    const changes = { documents, ...moveRanges(snapshot, (ranges) => ranges.changed(change)) };
    const { file } = change.document;
    return changed(
      state,
      changes,
      ['documents'],
      [{ kind: 'read-disk', files: [file], cause: 'edited' }, ...(snapshot.trusted ? [] : [parseSoon])],
    );
  },
  'document-saved': (state, { file }) =>
    unchanged(state, [{ kind: 'read-disk', files: [file], cause: 'saved' }, parseSoon]),
  'document-closed': (state, { file }) => {
    const { snapshot } = state;
    const changes = {
      documents: without(snapshot.documents, file),
      syntaxProblems: without(snapshot.syntaxProblems, file),
      textLimits: without(snapshot.textLimits, file),
      ...moveRanges(snapshot, (ranges) => ranges.closed(file)),
    };
    return changed(
      state,
      changes,
      ['documents', 'syntax'],
      [{ kind: 'close-tree', file }, { kind: 'accompany-soon' }],
    );
  },
  'documents-parsed': (state, { syntaxProblems, textLimits }) => {
    const { snapshot } = state;
    const all = [syntaxProblems, textLimits, snapshot.syntaxProblems, snapshot.textLimits];
    if (all.every(({ size }) => size === 0)) return unchanged(state);
    const isOpen = ([file]: readonly [string, unknown]): boolean => snapshot.documents.has(file);
    const changes = {
      // Elsewhere Nix itself tells.
      syntaxProblems: new Map(snapshot.trusted ? [] : [...syntaxProblems].filter(isOpen)),
      textLimits: new Map([...textLimits].filter(isOpen)),
    };
    return changed(state, changes, ['syntax']);
  },
};

/** The range trackers of targets, reports and failures, each moved by `move`. */
export function moveRanges(
  { evaluations, targetRanges }: SessionState['snapshot'],
  move: (ranges: RangeTracker) => RangeTracker,
): Pick<Snapshot, 'evaluations' | 'targetRanges'> {
  return {
    targetRanges: move(targetRanges),
    evaluations: evaluations.map((evaluation) => {
      const { evaluated, failure } = evaluation;
      return {
        ...evaluation,
        evaluated: evaluated && { ...evaluated, ranges: move(evaluated.ranges) },
        failure: failure && { ...failure, ranges: move(failure.ranges) },
      };
    }),
  };
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  if (!map.has(key)) return map;
  return new Map([...map].filter(([other]) => other !== key));
}
