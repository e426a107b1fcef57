import type { Connection } from 'vscode-languageserver';
import * as z from 'zod';

import { codeActions } from '../features/codeActions.ts';
import { codeLenses } from '../features/codeLenses.ts';
import { hover } from '../features/hover.ts';
import { inlayHints } from '../features/inlayHints.ts';
import { serverCommands } from '../protocol.ts';
import { fileOfUri } from '../session/documents.ts';
import type { Session } from '../session/session.ts';
import type { ClientAbilities } from './clientAbilities.ts';
import type { Guard } from './handlers.ts';
import { signalOf } from './signalOf.ts';

const evaluateAtArguments = z.tuple([
  z.object({
    uri: z.string(),
    position: z.object({ line: z.number(), character: z.number() }),
    key: z.string().exactOptional(),
  }),
]);

const fetchInputsArguments = z.tuple([z.object({ flake: z.string() }).optional()]);

/** LSP's own requests: each answers from the newest snapshot, and never waits for Nix. */
export function answerEditor(
  connection: Connection,
  session: Session,
  abilities: ClientAbilities,
  guard: Guard,
): void {
  connection.onHover(
    guard.request('Hover', async ({ textDocument, position }) => {
      const source = await session.parseAround(textDocument.uri, position);
      return source ? hover(session.snapshot, source, position) : null;
    }),
  );
  connection.languages.inlayHint.on(
    guard.request('Inlay hints', ({ textDocument, range }) => {
      const file = fileOfUri(textDocument.uri);
      return file === undefined ? [] : inlayHints(session.snapshot, file, range);
    }),
  );
  connection.onCodeAction(
    guard.request('Code actions', ({ textDocument, range, context }) => {
      const file = fileOfUri(textDocument.uri);
      return file === undefined ? [] : codeActions(session.snapshot, file, range, context, abilities);
    }),
  );
  connection.onCodeLens(
    guard.request('Code lenses', ({ textDocument }) => {
      const file = fileOfUri(textDocument.uri);
      return file === undefined ? [] : codeLenses(session.snapshot, file);
    }),
  );
  connection.onExecuteCommand(
    guard.request('The command', async ({ command, arguments: given }, token) => {
      switch (command) {
        case serverCommands.evaluate:
          session.evaluate();
          return null;
        case serverCommands.evaluateAt:
          await session.evaluateAt(evaluateAtArguments.parse(given)[0]);
          return null;
        case serverCommands.fetchInputs:
          await session.fetchInputs(fetchInputsArguments.parse(given ?? [])[0]?.flake, signalOf(token));
          return null;
        case serverCommands.cancel:
          session.cancel();
          return null;
        default:
          throw new Error(`The server has no command ${command}.`);
      }
    }),
  );
}
