import {
  CodeActionTriggerKind,
  MessageType,
  ShowMessageNotification,
  type Connection,
} from 'vscode-languageserver';
import * as z from 'zod';

import type { NameOffer } from '../asking/asker.ts';
import { codeActions } from '../features/codeActions.ts';
import { codeLenses } from '../features/codeLenses.ts';
import { completion, resolvedItem } from '../features/completion.ts';
import { hover, unobservedHover } from '../features/hover.ts';
import { inlayHints } from '../features/inlayHints.ts';
import { pointedAt } from '../features/pointedAt.ts';
import { repairWorkspace } from '../features/repairAll.ts';
import { editorText } from '../features/editorMessages.ts';
import { workspaceEdit } from '../features/workspaceEdit.ts';
import { inSlices } from '../model/slices.ts';
import { serverCommands } from '../protocol.ts';
import { fileOfUri } from '../snapshot/documents.ts';
import type { Session } from '../session/session.ts';
import type { ClientAbilities } from './clientAbilities.ts';
import * as forms from './forms.ts';
import type { Guard, LogError } from './handlers.ts';
import { inTime } from './inTime.ts';
import { signalOf } from './signalOf.ts';
import { untilProven } from './untilProven.ts';

/** The list that an item was offered in, and its place there. */
const offerOfItem = z.tuple([z.number(), z.number()]);

const evaluateAtArguments = z.tuple([
  z.object({
    uri: z.string(),
    position: z.object({ line: z.number(), character: z.number() }),
    key: z.string().exactOptional(),
  }),
]);

const allowPathArguments = z.tuple([z.object({ path: z.string() })]);
const fetchInputsArguments = z.tuple([z.object({ flake: z.string() }).optional()]);

/** LSP's own requests: each answers from the newest snapshot; only what no run observed is asked of a Nix that stays. */
export function answerEditor(
  connection: Connection,
  session: Session,
  abilities: ClientAbilities,
  guard: Guard,
  logError: LogError,
): void {
  connection.onHover(
    guard.request(
      'Hover',
      async ({ textDocument, position }, token) => {
        const source = await session.parseAround(textDocument.uri, position);
        if (!source) return null;
        const seen = hover(session.snapshot, source, position);
        if (seen) return seen;
        const [span] = pointedAt(source, position).candidates;
        const asked =
          span && (await inTime(session.asking.describe(source.file, span, signalOf(token)), logError));
        return unobservedHover(session.snapshot, source, position, asked);
      },
      forms.aboutPosition,
    ),
  );
  let offered:
    | { readonly list: number; readonly file: string; readonly offers: readonly NameOffer[] }
    | undefined;
  connection.onCompletion(
    guard.request(
      'Completion',
      async ({ textDocument, position }, token) => {
        const file = fileOfUri(textDocument.uri);
        const document = file === undefined ? undefined : session.snapshot.documents.get(file);
        if (file === undefined || !document) return null;
        const offset = document.lines.offsetAt(position);
        const asked = await inTime(session.asking.complete(file, offset, signalOf(token)), logError);
        if (!asked) return null;
        const list = (offered?.list ?? 0) + 1;
        offered = { list, file, offers: asked.answer.offers };
        return completion(asked.answer, list);
      },
      forms.aboutPosition,
    ),
  );
  connection.onCompletionResolve(
    guard.request(
      'The details of a name',
      async (item) => {
        const data = offerOfItem.safeParse(item.data);
        if (!data.success || !offered) return item;
        const [list, place] = data.data;
        const offer = list === offered.list ? offered.offers[place] : undefined;
        if (!offer) return item;
        return resolvedItem(
          item,
          await inTime(session.asking.describeOffer(offered.file, offer.expression), logError),
        );
      },
      forms.completionItem,
    ),
  );
  connection.languages.inlayHint.on(
    guard.request(
      'Inlay hints',
      ({ textDocument, range }) => {
        const file = fileOfUri(textDocument.uri);
        return file === undefined ? [] : inlayHints(session.snapshot, file, range);
      },
      forms.aboutRange,
    ),
  );
  connection.onCodeAction(
    guard.request(
      'Code actions',
      async ({ textDocument, range, context }, token) => {
        const file = fileOfUri(textDocument.uri);
        if (file === undefined) return [];
        const signal = signalOf(token);
        // What an editor asks for by itself, at each move of the cursor, does not wait.
        if (context.triggerKind === CodeActionTriggerKind.Invoked)
          await untilProven(session, file, range, signal);
        return inSlices(codeActions(session.snapshot, file, range, context, abilities), signal);
      },
      forms.aboutProblems,
    ),
  );
  connection.onCodeLens(
    guard.request(
      'Code lenses',
      ({ textDocument }) => {
        const file = fileOfUri(textDocument.uri);
        return file === undefined ? [] : codeLenses(session.snapshot, file);
      },
      forms.aboutDocument,
    ),
  );
  connection.onExecuteCommand(
    guard.request(
      'The command',
      async ({ command, arguments: given }, token) => {
        switch (command) {
          case serverCommands.evaluate:
            session.evaluate();
            return null;
          case serverCommands.evaluateAt:
            await session.evaluateAt(evaluateAtArguments.parse(given)[0], signalOf(token));
            return null;
          case serverCommands.fetchInputs:
            await session.fetchMissing(fetchInputsArguments.parse(given ?? [])[0]?.flake, signalOf(token));
            return null;
          case serverCommands.allowPath:
            await session.allowing.allow(allowPathArguments.parse(given)[0].path);
            return null;
          case serverCommands.repairAll: {
            const { snapshot } = session;
            const { edits, message } = await inSlices(repairWorkspace(snapshot));
            const edit = workspaceEdit(edits, snapshot, abilities);
            const label = 'Repair all that is proven';
            const isApplied =
              edits.length === 0 || (await connection.workspace.applyEdit({ label, edit })).applied;
            const told = isApplied ? message : 'The editor did not apply the repairs.';
            await connection.sendNotification(ShowMessageNotification.type, {
              type: MessageType.Info,
              message: editorText(told),
            });
            return null;
          }
          case serverCommands.cancel:
            session.cancel();
            return null;
          default:
            throw new Error(`The server has no command ${command}.`);
        }
      },
      forms.commandCall,
    ),
  );
}
