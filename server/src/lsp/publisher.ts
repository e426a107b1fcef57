import {
  CodeLensRefreshRequest,
  InlayHintRefreshRequest,
  type Connection,
  type Diagnostic,
} from 'vscode-languageserver/node';

import { diagnostics } from '../features/diagnostics.ts';
import { uriIn } from '../features/places.ts';
import { status } from '../features/status.ts';
import { methods } from '../protocol.ts';
import { isFailureOld, isStale, type Snapshot } from '../snapshot/snapshot.ts';
import type { ClientAbilities } from './clientAbilities.ts';
import type { LogError } from './handlers.ts';

/**
 * Tells the client what changed: diagnostics, the status, and that hints and
 * lenses are to be asked for again. Sends only what differs from what was sent
 * last.
 */
export class Publisher {
  readonly #connection: Connection;
  readonly #abilities: ClientAbilities;
  readonly #logError: LogError;
  /** By URI, as JSON. */
  #diagnostics = new Map<string, string>();
  #status = '';
  #hints = '';
  #lenses = '';

  constructor(connection: Connection, abilities: ClientAbilities, logError: LogError) {
    this.#connection = connection;
    this.#abilities = abilities;
    this.#logError = logError;
  }

  async publish(snapshot: Snapshot): Promise<void> {
    try {
      await Promise.all([
        this.#publishDiagnostics(snapshot),
        this.#publishStatus(snapshot),
        this.#refreshHints(snapshot),
        this.#refreshLenses(snapshot),
      ]);
    } catch (error) {
      this.#logError('The client could not be told of a change.', error);
    }
  }

  async #publishDiagnostics(snapshot: Snapshot): Promise<void> {
    const next = new Map<string, string>();
    const sent: Promise<void>[] = [];
    const send = (uri: string, found: Diagnostic[], version?: number): void => {
      sent.push(
        this.#connection.sendDiagnostics({
          uri,
          diagnostics: found,
          ...(version !== undefined && { version }),
        }),
      );
    };
    for (const [file, found] of diagnostics(snapshot)) {
      const uri = uriIn(snapshot, file);
      const json = JSON.stringify(found);
      next.set(uri, json);
      if (this.#diagnostics.get(uri) !== json) send(uri, found, snapshot.documents.get(file)?.version);
    }
    for (const uri of this.#diagnostics.keys()) if (!next.has(uri)) send(uri, []);
    this.#diagnostics = next;
    await Promise.all(sent);
  }

  async #publishStatus(snapshot: Snapshot): Promise<void> {
    const next = status(snapshot);
    const json = JSON.stringify(next);
    if (json === this.#status) return;
    this.#status = json;
    await this.#connection.sendNotification(methods.status, next);
  }

  async #refreshHints(snapshot: Snapshot): Promise<void> {
    const { settings, buildConfiguration } = snapshot;
    const key = JSON.stringify([
      reportsOf(snapshot),
      settings['inlayHints.enabled'],
      buildConfiguration !== undefined,
    ]);
    if (key === this.#hints) return;
    this.#hints = key;
    if (this.#abilities.refreshInlayHints) await this.#connection.sendRequest(InlayHintRefreshRequest.type);
  }

  async #refreshLenses(snapshot: Snapshot): Promise<void> {
    const { evaluations, targets, settings, trusted } = snapshot;
    const key = JSON.stringify([
      reportsOf(snapshot),
      evaluations.map(({ running, failure }) => [
        running !== undefined,
        failure && isFailureOld(failure, snapshot),
      ]),
      targets,
      settings['codeLens.enabled'],
      trusted,
    ]);
    if (key === this.#lenses) return;
    this.#lenses = key;
    if (this.#abilities.refreshCodeLenses) await this.#connection.sendRequest(CodeLensRefreshRequest.type);
  }
}

/** Tells whether hints and lenses are made of other reports, or of older ones, than before. */
function reportsOf(snapshot: Snapshot): unknown {
  return snapshot.evaluations.map((evaluation) => [
    evaluation.key,
    evaluation.evaluated?.id,
    isStale(evaluation, snapshot),
  ]);
}
