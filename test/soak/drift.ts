import { isDeepStrictEqual } from 'node:util';

import { methods, type ClosureChildrenResult, type SelectTargetParams } from '../../server/src/protocol.ts';
import { Editor, textOf } from '../server/support/editor.ts';
import type { Place } from './places.ts';

/** What an editor shows of the open files and of the closure. */
export interface Shown {
  readonly diagnostics: readonly unknown[];
  readonly hints: readonly unknown[];
  readonly lenses: readonly unknown[];
  readonly tree: readonly string[];
  readonly summary: unknown;
}

/** Asks a server for everything that it shows. */
export async function shownBy(editor: Editor, files: readonly string[]): Promise<Shown> {
  const status = editor.statuses.at(-1);
  const shown: Shown = { diagnostics: [], hints: [], lenses: [], tree: [], summary: status?.summary };
  const top =
    status?.reportId === undefined
      ? undefined
      : await editor.connection.sendRequest<ClosureChildrenResult>(methods.closureChildren, {
          reportId: status.reportId,
          offset: 0,
          limit: 500,
        });
  const each = async <Value>(ask: (file: string) => Promise<Value>): Promise<Value[]> => {
    const answers: Value[] = [];
    for (const file of [...files].sort()) answers.push(await ask(file));
    return answers;
  };
  return {
    ...shown,
    diagnostics: [...files]
      .sort()
      .map((file) =>
        editor
          .diagnostics(file)
          .map((diagnostic) => [diagnostic.range, diagnostic.severity, diagnostic.code, textOf(diagnostic)]),
      ),
    hints: await each((file) => editor.inlayHints(file)),
    lenses: await each(async (file) =>
      (await editor.codeLenses(file)).map(({ range, command }) => [range, command?.title]),
    ),
    tree:
      top?.nodes.map(({ kind, label, description, state }) => `${kind} ${label} ${description} ${state}`) ??
      [],
  };
}

/** How long two servers may need to say the same, in milliseconds: proofs and comparisons go on after a report. */
const patienceMs = 60_000;

/**
 * Holds what a server shows against what a fresh one shows of the same state.
 * Gives back where they differ, or undefined where they do not.
 */
export async function findDrift(
  place: Place,
  editor: Editor,
  openFiles: readonly string[],
  selected: SelectTargetParams,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  await using fresh = await Editor.start({ root: place.root, settings: place.settings, env });
  for (const file of openFiles) await fresh.open(file);
  await fresh.settled();
  if (selected.keys !== undefined || selected.evaluateAs !== undefined) {
    // Keys are known once targets were looked for.
    const { targets } = await fresh.targets();
    const keys = targets.map(({ key }) => key);
    const missing = (selected.keys ?? []).filter((key) => !keys.includes(key));
    if (missing.length > 0)
      return `targets that only the one in long use has: ${missing.join(' ')}; the fresh one has ${keys.join(' ')}`;
    await fresh.select(selected);
  }
  await fresh.connection.sendRequest(methods.evaluate);
  const end = performance.now() + patienceMs;
  for (;;) {
    await fresh.settled();
    const [long, short] = [await shownBy(editor, openFiles), await shownBy(fresh, openFiles)];
    if (isDeepStrictEqual(long, short)) return undefined;
    if (performance.now() > end) return describe(long, short);
  }
}

function describe(long: Shown, short: Shown): string {
  const parts = ['diagnostics', 'hints', 'lenses', 'tree', 'summary'] as const;
  return parts
    .filter((part) => !isDeepStrictEqual(long[part], short[part]))
    .map(
      (part) =>
        `${part}\n  after long use: ${JSON.stringify(long[part])}\n  fresh:          ${JSON.stringify(short[part])}`,
    )
    .join('\n');
}
