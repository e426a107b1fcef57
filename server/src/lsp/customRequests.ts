import type { CancellationToken, Connection } from 'vscode-languageserver';
import * as z from 'zod';

import { closureChildren, closurePath, derivationAt } from '../features/closureTree.ts';
import { jsonReport } from '../features/jsonReport.ts';
import { membersOf, targetItems } from '../features/targetItems.ts';
import { verifiedOutputs } from '../features/verifiedOutputs.ts';
import { targetFileText } from '../features/targetFileText.ts';
import { methods } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { VerifyError } from '../session/verifying.ts';
import { systemName } from '../evaluation/targetSetting.ts';
import type { Guard } from './handlers.ts';
import { signalOf } from './signalOf.ts';

const count = z.number().int().min(0);
const selectTarget = z.object({
  keys: z.array(z.string()).min(1).optional(),
  evaluateAs: z.array(systemName.nullable()).optional(),
});
const targets = z.object({ parent: z.string().exactOptional(), search: z.string().exactOptional() });
const children = z.object({
  reportId: count,
  parent: z.string().exactOptional(),
  offset: count,
  limit: count,
});
const path = z.object({ reportId: count, key: z.string() });

/** The requests of `protocol.ts`. */
export function answerClient(connection: Connection, session: Session, guard: Guard): void {
  const onRequest = (method: string, answer: (params: unknown) => unknown): void => {
    connection.onRequest(method, guard.request(method, answer));
  };
  connection.onRequest(
    methods.targets,
    guard.request(methods.targets, async (params: unknown, token: CancellationToken) => {
      // Where a client sends no parameters at all, the token comes in their place.
      const { parent, search = '' } = targets.parse(params ?? {});
      if (parent === undefined) {
        await session.findTargets();
        return targetItems(session.snapshot);
      }
      return membersOf(await session.searchTargets(parent, search, signalOf(token)), session.snapshot);
    }),
  );
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
  connection.onRequest(
    methods.verifyOutputs,
    guard.request(methods.verifyOutputs, async (params: unknown, token: CancellationToken) => {
      const row = derivationAt(session.snapshot, path.parse(params));
      if (!row)
        throw new VerifyError(
          'This row stands for no derivation that could be read. Choose one of the rows that do.',
        );
      const verification = await session.verifying.verify(row.report, row.id, signalOf(token));
      return verifiedOutputs(verification, row.report);
    }),
  );
  onRequest(methods.targetFile, () => targetFileText(session.snapshot));
  onRequest(methods.report, () => jsonReport(session.snapshot));
  connection.onNotification(
    methods.trust,
    guard.notification('The trust', () => session.trust()),
  );
}
