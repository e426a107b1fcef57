import type { LanguageClient } from 'vscode-languageclient/node';
import type { ServerStatus } from './serverStatus.ts';

/** What a feature of the client stands on. */
export interface FeatureContext {
  /** Disposed of when the extension ends. */
  readonly subscriptions: { dispose(): unknown }[];
  readonly client: LanguageClient;
  readonly status: ServerStatus;
}

/** A file of the client that adds one thing to VS Code; called once, before the server starts. */
export interface Feature {
  activate(context: FeatureContext): void;
}
