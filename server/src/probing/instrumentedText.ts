import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Steps } from '../model/slices.ts';
import { nixString } from '../nix/nixString.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { instrument, type InstrumentContext, type InstrumentedFile } from './instrument.ts';
import { pathExpression } from '../nix/pathExpressions.ts';

/** What differs from run to run in the copy of a file that did not change. */
export interface CopyPlace {
  /** Directory of the probe library and the copies. */
  readonly copies: string;
  readonly fileNumber: number;
  /** The same for the same files with copies: paths lead elsewhere when there are others. Short, for it is kept. */
  readonly files: string;
}

interface Known {
  readonly key: string;
  readonly file: InstrumentedFile;
}

/** The newest text of each parsed file and kind of instrumentation, with placeholders for its place. */
const known = new WeakMap<SourceFile, Map<string, Known>>();

const token = randomBytes(8).toString('hex');
// Its blank makes every path to it a string, in which any directory's name can be put.
const copiesPlaceholder = `/npl copies ${token}`;
const numberPlaceholder = `npl-number-${token}`;

/** Instruments a file in steps, or takes what an earlier run made of the same text. */
export function* instrumentedText(
  source: SourceFile,
  context: InstrumentContext,
  place: CopyPlace,
): Steps<InstrumentedFile> {
  const kinds = known.get(source) ?? new Map<string, Known>();
  known.set(source, kinds);
  const kind = `${context.level} ${String(context.report)} ${String(context.sharesSets)}`;
  const key = `${context.directory}\n${place.files}`;
  let found = kinds.get(kind);
  if (found?.key !== key) {
    found = { key, file: yield* instrument(source, anywhere(context, place.copies)) };
    kinds.set(kind, found);
  }
  const text = found.file.text
    .replaceAll(copiesPlaceholder, () => nixString(place.copies).slice(1, -1))
    .replaceAll(numberPlaceholder, String(place.fileNumber));
  return { text, probes: found.file.probes };
}

function anywhere(context: InstrumentContext, copies: string): InstrumentContext {
  const placed = (copy: string | undefined): string | undefined =>
    copy?.startsWith(copies) ? copiesPlaceholder + copy.slice(copies.length) : copy;
  return {
    ...context,
    library: `import ${pathExpression(join(copiesPlaceholder, 'probes.nix'))} "${numberPlaceholder}"`,
    redirect: (path, use) => placed(context.redirect(path, use)),
    edited: (path) => placed(context.edited(path)),
  };
}
