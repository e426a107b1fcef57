import {
  ProgressType,
  CancellationToken,
  type Connection,
  type ProgressToken,
} from 'vscode-languageserver/node';
import * as z from 'zod';

import { closureChildren, closurePath, derivationAt } from '../features/closureTree.ts';
import { jsonReport } from '../features/jsonReport.ts';
import { membersOf, targetItems } from '../features/targetItems.ts';
import { verifiedOutputs } from '../features/verifiedOutputs.ts';
import { targetFileText } from '../features/targetFileText.ts';
import { methods, type TargetsResult } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { VerifyError } from '../session/verifying.ts';
import { systemName } from '../targets/targetSetting.ts';
import type { Guard } from './handlers.ts';
import { signalOf } from './signalOf.ts';

const count = z.number().int().min(0);
const selectTarget = z.object({
  keys: z.array(z.string()).min(1).optional(),
  evaluateAs: z.array(systemName.nullable()).optional(),
});
const targets = z.object({
  parent: z.string().exactOptional(),
  search: z.string().exactOptional(),
  known: z.boolean().exactOptional(),
  partialResultToken: z.union([z.string(), z.number()]).exactOptional(),
});
const children = z.object({
  reportId: count,
  parent: z.string().exactOptional(),
  offset: count,
  limit: count,
});
const path = z.object({ reportId: count, key: z.string() });

/** What is found in quick succession is told together, after so many milliseconds. */
const pause = 50;
const foundSoFar = new ProgressType<TargetsResult>();

/** Looks for targets, and tells a client that wants it what is known by now, and whenever that is more. */
async function findTargets(
  connection: Connection,
  session: Session,
  progressToken: ProgressToken | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (progressToken === undefined) return session.findTargets(signal);
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    void connection.sendProgress(foundSoFar, progressToken, targetItems(session.snapshot));
  };
  tell();
  try {
    await session.findTargets(signal, () => (timer ??= setTimeout(tell, pause)));
  } finally {
    clearTimeout(timer);
  }
}

/** The requests of `protocol.ts`. */
export function answerClient(connection: Connection, session: Session, guard: Guard): void {
  const onRequest = (
    method: string,
    answer: (params: unknown, token: CancellationToken) => unknown,
  ): void => {
    connection.onRequest(method, guard.request(method, answer));
  };
  onRequest(methods.targets, async (params, given: CancellationToken | null | undefined) => {
    // Where a client sends no parameters at all, the token comes in their place.
    const token = given ?? (CancellationToken.is(params) ? params : CancellationToken.None);
    const { parent, search = '', known = false, partialResultToken } = targets.parse(params ?? {});
    if (parent !== undefined)
      return membersOf(await session.searchTargets(parent, search, signalOf(token)), session.snapshot);
    if (!known) await findTargets(connection, session, partialResultToken, signalOf(token));
    return targetItems(session.snapshot);
  });
  onRequest(methods.selectTarget, async (params) => {
    const { keys, evaluateAs } = selectTarget.parse(params);
    await session.selectTargets(keys, evaluateAs);
    return null;
  });
  onRequest(methods.evaluate, () => {
    session.evaluate();
    return null;
  });
  onRequest(methods.cancel, () => {
    session.cancel();
    return null;
  });
  onRequest(methods.closureChildren, (params) => closureChildren(session.snapshot, children.parse(params)));
  onRequest(methods.closurePath, (params) => closurePath(session.snapshot, path.parse(params)));
  onRequest(methods.verifyOutputs, async (params, token) => {
    const row = derivationAt(session.snapshot, path.parse(params));
    if (!row)
      throw new VerifyError(
        'This row stands for no derivation that could be read. Choose one of the rows that do.',
      );
    const verification = await session.verifying.verify(row.report, row.id, signalOf(token));
    return verifiedOutputs(verification, row.report);
  });
  onRequest(methods.targetFile, () => targetFileText(session.snapshot));
  onRequest(methods.report, () => jsonReport(session.snapshot));
  connection.onNotification(
    methods.trust,
    guard.notification('The trust', () => session.trust()),
  );
}
