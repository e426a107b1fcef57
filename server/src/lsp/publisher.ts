import {
  CodeLensRefreshRequest,
  InlayHintRefreshRequest,
  type Connection,
  type Diagnostic,
} from 'vscode-languageserver/node';

import { diagnostics } from '../features/diagnostics.ts';
import { textsOf } from '../features/findingTexts.ts';
import { status } from '../features/status.ts';
import { inSlices } from '../model/slices.ts';
import { methods } from '../protocol.ts';
import { uriOfFile } from '../snapshot/documents.ts';
import { isFailureOld, isStale, viewsOf, type Snapshot } from '../snapshot/snapshot.ts';
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
  /** What was told last, by file. */
  #diagnostics = new Map<string, Told>();
  #publishing: Promise<void> = Promise.resolve();
  /** Somebody waits for what is being told: what they want told will be, with all that comes until then. */
  #isWanted = false;
  #status = '';
  #hints = '';
  #lenses = '';

  constructor(connection: Connection, abilities: ClientAbilities, logError: LogError) {
    this.#connection = connection;
    this.#abilities = abilities;
    this.#logError = logError;
  }

  /** Tells of the newest snapshot, once what is being told is told. */
  publish(newest: () => Snapshot): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#publishing = this.#publishing.then(() => {
      this.#isWanted = false;
      return this.#publish(newest);
    });
  }

  async #publish(newest: () => Snapshot): Promise<void> {
    try {
      for (const { evaluation } of viewsOf(newest()))
        await inSlices(textsOf.prepare(evaluation.evaluated.report));
      const snapshot = newest();
      await this.#publishDiagnostics(snapshot);
      await Promise.all([
        this.#publishStatus(snapshot),
        this.#refreshHints(snapshot),
        this.#refreshLenses(snapshot),
      ]);
    } catch (error) {
      this.#logError('The client could not be told of a change.', error);
    }
  }

  async #publishDiagnostics(snapshot: Snapshot): Promise<void> {
    const send = async (uri: string, found: Diagnostic[], version?: number): Promise<void> => {
      await this.#connection.sendDiagnostics({
        uri,
        diagnostics: found,
        ...(version !== undefined && { version }),
      });
    };
    const { documents } = snapshot;
    const next = new Map<string, Told>();
    for (const [file, found] of await inSlices(diagnostics(snapshot))) {
      const former = this.#diagnostics.get(file);
      const ownUri = former?.ownUri ?? uriOfFile(file);
      next.set(file, { uri: documents.get(file)?.uri ?? ownUri, ownUri, found });
    }
    const uris = new Set([...next.values()].map(({ uri }) => uri));
    // Each is awaited: the connection has its turn between them.
    for (const [file, { uri, found }] of next) {
      const former = this.#diagnostics.get(file);
      if (former?.uri === uri && isSame(former.found, found)) continue;
      await send(uri, found, documents.get(file)?.version);
    }
    for (const { uri } of this.#diagnostics.values()) if (!uris.has(uri)) await send(uri, []);
    this.#diagnostics = next;
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

/** What was told of a file. */
interface Told {
  readonly uri: string;
  /** Its URI as long as no client names another one: to make it takes long. */
  readonly ownUri: string;
  readonly found: Diagnostic[];
}

/** Most are the very ones that were told before. */
function isSame(one: readonly Diagnostic[], other: readonly Diagnostic[]): boolean {
  const isIdentical = one.length === other.length && one.every((found, place) => found === other[place]);
  return isIdentical || JSON.stringify(one) === JSON.stringify(other);
}

/** Tells whether hints and lenses are made of other reports, or of older ones, than before. */
function reportsOf(snapshot: Snapshot): unknown {
  return snapshot.evaluations.map((evaluation) => [
    evaluation.key,
    evaluation.evaluated?.id,
    isStale(evaluation, snapshot),
  ]);
}
