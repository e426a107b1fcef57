import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { inSlices, type Steps } from '../model/slices.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import type { InstrumentContext } from './instrument.ts';
import { instrumentedText } from './instrumentedText.ts';
import { pathExpression } from '../nix/pathExpressions.ts';
import type { PathUse } from './pathUse.ts';
import { probeKey, probeLibrary, readId, type Probe, type ProbeLevel } from './probes.ts';
import { makeTemporaryDirectory } from '../nix/process/temporaryDirectory.ts';
import { mirrorAround } from './mirror.ts';
import { sharedNixos } from './sharedNixos.ts';
import { evaluatedPath, isBelow, type WorkspaceLayout } from './workspaceFiles.ts';

/** Instrumented copies of workspace files, outside the workspace, ready to be evaluated. */
export interface WorkspaceCopies extends AsyncDisposable {
  readonly nonce: string;
  readonly probes: ReadonlyMap<string, Probe>;
  /** The files by the key under which each reports that it was read. */
  readonly readers: ReadonlyMap<string, string>;
  /** The copy of a file (by the person's path), if there is one. */
  copyOf(path: string): string | undefined;
  /** How an expression of the command line is rewritten to use the copies. */
  readonly context: InstrumentContext;
}

/** What evaluations of one Nix that stays share. */
export interface SharedEvaluations {
  /** A file with the root of one before, whose value is known; undefined for the first one. */
  readonly previous: string | undefined;
}

/**
 * Writes instrumented copies of files into a new temporary directory; disposing
 * of the result removes it.
 *
 * @param report false where only the texts matter (the proof of a repair)
 * @param sharing set where they are evaluated by a Nix that stays, and may write to the store
 * @throws the reason of `signal`
 */
export async function writeCopies(
  files: ReadonlyMap<string, SourceFile>,
  layout: WorkspaceLayout,
  level: ProbeLevel,
  report: boolean,
  signal?: AbortSignal,
  sharing?: SharedEvaluations,
): Promise<WorkspaceCopies> {
  const directory = makeTemporaryDirectory();
  const copies = join(directory.path, 'files');
  const nonce = `npl-${randomBytes(16).toString('hex')}`;
  const library = join(directory.path, 'probes.nix');
  const probes = new Map<string, Probe>();
  const readers = new Map<string, string>();

  // Asked for at every path of every file.
  const copied = new Map<string, { readonly source: SourceFile; readonly copy: string }>();
  for (const [path, source] of files)
    copied.set(path, { source, copy: join(copies, relative(layout.root, path)) });
  const copyOf = (path: string): string | undefined =>
    copied.get(path)?.copy ??
    (layout.isMirrored && isBelow(path, layout.root) ? join(copies, relative(layout.root, path)) : undefined);
  const isMoved = layout.root !== layout.evaluatedRoot;
  const originalOf = (evaluated: string): string =>
    isMoved ? join(layout.root, relative(layout.evaluatedRoot, evaluated)) : evaluated;
  const redirect = (evaluated: string, use: PathUse): string | undefined => {
    if (use === 'data' || (level !== 'full' && use !== 'import')) return undefined;
    const path = originalOf(evaluated);
    if (path.endsWith('.nix')) return copyOf(path);
    if (use === 'value') return undefined;
    const main = copyOf(join(path, 'default.nix'));
    return main && dirname(main);
  };
  // What reads the content of an edited file has to see the edit: as text, without probes.
  const editedTexts = new Map(
    [...layout.overlays].map(([path, text], index) => [
      path,
      { text, copy: join(directory.path, 'edited', String(index), basename(path)) },
    ]),
  );
  const edited = (evaluated: string): string | undefined => editedTexts.get(originalOf(evaluated))?.copy;
  const context: InstrumentContext = {
    level,
    report,
    sharesSets: sharing !== undefined,
    directory: layout.evaluatedRoot,
    redirect,
    edited,
    library: `import ${pathExpression(library)} "0"`,
  };

  function* instrumentAll(): Steps<Map<string, string>> {
    const texts = new Map<string, string>();
    const names = hashOfNames([layout.root, layout.evaluatedRoot, ...files.keys()]);
    const editedNames = [...new Set([...editedTexts.keys()].map((path) => basename(path)))];
    const namesWithEdited = hashOfNames([names, ...editedTexts.keys()]);
    for (const [path, { source, copy }] of copied) {
      const fileNumber = texts.size + 1;
      const instrumented = yield* instrumentedText(
        source,
        { ...context, directory: dirname(evaluatedPath(path, layout)) },
        {
          copies: directory.path,
          fileNumber,
          // A file that names none of those that are edited is copied as ever.
          files: editedNames.some((name) => source.text.includes(name)) ? namesWithEdited : names,
        },
      );
      readers.set(probeKey(fileNumber, readId), path);
      for (const probe of instrumented.probes) probes.set(probeKey(fileNumber, probe.id), probe);
      texts.set(copy, instrumented.text);
      yield;
    }
    return texts;
  }

  try {
    await mkdir(copies);
    const shared = sharing && sharedNixos(copies, sharing.previous);
    await writeFile(library, probeLibrary(nonce, layout.evaluatedRoot, copies, level, shared));
    const texts = await inSlices(instrumentAll(), signal);
    const directories = new Set([...texts.keys()].map((copy) => dirname(copy)));
    await Promise.all([...directories].map((path) => mkdir(path, { recursive: true })));
    await Promise.all([...texts].map(([copy, text]) => writeFile(copy, text)));
    for (const { text, copy } of editedTexts.values()) {
      await mkdir(dirname(copy), { recursive: true });
      await writeFile(copy, text);
    }
    if (layout.isMirrored) await mirrorAround(layout.root, copies, [...texts.keys()]);
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
  return {
    nonce,
    probes,
    readers,
    copyOf,
    context,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** The names of all files are long, and every copy that is kept for the next run remembers them. */
function hashOfNames(names: readonly string[]): string {
  return createHash('sha256').update(names.join('\0')).digest('hex');
}
