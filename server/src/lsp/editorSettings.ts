import * as z from 'zod';
import {
  DidChangeConfigurationNotification,
  MessageType,
  ShowMessageNotification,
  type Connection,
} from 'vscode-languageserver/node';

import type { InitializationOptions } from '../protocol.ts';
import { readSettings } from '../snapshot/settings.ts';
import type { Session } from '../session/session.ts';
import type { ClientAbilities } from './clientAbilities.ts';
import type { LogError } from './handlers.ts';

/** The section of an editor's settings that is ours. */
const section = 'nixPlatformLens';

/** Some clients send none at all when they want to be asked. */
const pushedParams = z.object({ settings: z.unknown() });

const pushedSettings = z.object({ [section]: z.unknown() });

/**
 * Keeps the session's settings: pulled from clients that answer
 * `workspace/configuration`; else those that were pushed, or given when the
 * server was initialized. From a client that tells the workspace's settings from
 * the person's, only what is pulled is taken: what it pushes mixes the two.
 */
export class EditorSettings {
  readonly #connection: Connection;
  readonly #session: Session;
  readonly #abilities: ClientAbilities;
  readonly #initial: unknown;
  readonly #onlyPulled: boolean;
  readonly #logError: LogError;
  #told = '';

  constructor(
    connection: Connection,
    session: Session,
    abilities: ClientAbilities,
    { settings, separateSettings }: Pick<InitializationOptions, 'settings' | 'separateSettings'>,
    logError: LogError,
  ) {
    this.#connection = connection;
    this.#session = session;
    this.#abilities = abilities;
    this.#initial = settings;
    this.#onlyPulled = separateSettings ?? false;
    this.#logError = logError;
  }

  /**
   * Listens for changes, and reads the settings for the first time.
   *
   * @param ready when the session can take settings
   */
  async start(ready: Promise<void>): Promise<void> {
    let pushed: unknown;
    this.#connection.onDidChangeConfiguration(async (params: unknown) => {
      pushed = pushedParams.safeParse(params).data?.settings;
      await ready;
      await this.#apply(pushed);
    });
    await ready;
    await this.#apply(pushed);
    if (this.#abilities.watchConfiguration) {
      await this.#connection.client.register(DidChangeConfigurationNotification.type, { section });
    }
  }

  async #apply(pushed: unknown): Promise<void> {
    const pulled = await this.#pull();
    const raw = this.#onlyPulled ? pulled : (pulled ?? unwrap(pushed) ?? this.#initial);
    const { settings, problems } = readSettings(raw);
    const message = problems.join('\n');
    if (message !== '' && message !== this.#told) {
      await this.#connection.sendNotification(ShowMessageNotification.type, {
        type: MessageType.Warning,
        message,
      });
    }
    this.#told = message;
    this.#session.configure(settings);
  }

  async #pull(): Promise<unknown> {
    if (!this.#abilities.configuration) return undefined;
    try {
      return await this.#connection.workspace.getConfiguration(section);
    } catch (error) {
      this.#logError('The settings could not be read from the editor.', error);
      return undefined;
    }
  }
}

/** Some clients push `{ nixPlatformLens: { … } }`, some the section alone, some nothing of use. */
function unwrap(pushed: unknown): unknown {
  const wrapped = pushedSettings.safeParse(pushed);
  return wrapped.success && wrapped.data[section] !== undefined ? wrapped.data[section] : pushed;
}
