import type { Answer, AskedFile, Asker, NameOffers } from '../asking/asker.ts';
import type { Span } from '../syntax/ast.ts';
import type { NixConnection } from './parts.ts';
import { isText } from '../snapshot/diskText.ts';
import { hasOutcome, judgedEvaluations, labelOf, type JudgedEvaluation } from '../snapshot/snapshot.ts';
import type { StateStore } from './stateStore.ts';
import { confinementOf, limitsOfSettings, workspaceFolders } from './workspace.ts';

/** An answer, and the target in whose context it was given. */
export interface Asked<T> {
  readonly context: string;
  readonly answer: T;
}

/** A larger text takes too long to be read anew after each key, in UTF-16 code units. */
const mostUnsaved = 200_000;

interface OpenAsker {
  readonly nix: NixConnection;
  /** What it was started with, to be compared. */
  readonly options: string;
  readonly asker: Promise<Asker>;
}

/** Each holds the memory of a Nix. */
const mostAskers = 2;

/**
 * Asks Nix what an evaluation did not observe, in the context of that
 * evaluation. Keeps a Nix for those that were asked for last; none is started
 * in an untrusted workspace, nor before something was evaluated.
 */
export class Asking {
  readonly #store: StateStore;
  readonly #nix: () => NixConnection;
  /** By evaluation, the one that was asked last behind. */
  readonly #askers = new Map<string, OpenAsker>();
  #disposed = false;

  constructor(store: StateStore, nix: () => NixConnection) {
    this.#store = store;
    this.#nix = nix;
  }

  /** What the expression that covers a stretch is; undefined where nobody can be asked. */
  async describe(file: string, span: Span, signal: AbortSignal): Promise<Asked<Answer> | undefined> {
    return this.#ask(file, (asker, asked) => asker.describe(asked, span, signal));
  }

  /** The names that may stand at an offset. */
  async complete(file: string, offset: number, signal: AbortSignal): Promise<Asked<NameOffers> | undefined> {
    return this.#ask(file, (asker, asked) => asker.complete(asked, offset, signal));
  }

  /** What an expression is that was offered for a file. */
  async describeOffer(file: string, expression: string): Promise<Asked<Answer> | undefined> {
    return this.#ask(file, (asker) => asker.describeOffer(expression));
  }

  /** A file has another text than before. */
  async fileChanged(file: string): Promise<void> {
    for (const { asker } of this.#askers.values())
      await asker.then((open) => open.fileChanged(file), notOpened);
  }

  /** Settings changed: what must not be kept any more ends. */
  async configure(): Promise<void> {
    if (!this.#store.snapshot.settings['evaluation.warm']) await this.#endAll();
  }

  /** Files came or went: nothing that was read holds any more. */
  async invalidate(): Promise<void> {
    for (const { asker } of this.#askers.values()) await asker.then((open) => open.invalidate(), notOpened);
  }

  /** Settles when all processes have ended. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#endAll();
  }

  async #endAll(): Promise<void> {
    await Promise.all([...this.#askers.keys()].map((key) => this.#end(key)));
  }

  async #ask<T>(
    file: string,
    question: (asker: Asker, asked: AskedFile) => Promise<T>,
  ): Promise<Asked<T> | undefined> {
    const { trusted, settings, documents, diskTexts } = this.#store.snapshot;
    const document = documents.get(file);
    const evaluation = this.#contextOf(file);
    if (this.#disposed || !trusted || !settings['evaluation.warm'] || !document || !evaluation)
      return undefined;
    if (document.text.length > mostUnsaved && !isText(diskTexts.get(file), document.text)) return undefined;
    const asker = await this.#askerFor(evaluation);
    if (!asker) return undefined;
    const asked = { file, text: document.text, others: evaluation.evaluated.report.sources };
    return { context: labelOf(evaluation), answer: await question(asker, asked) };
  }

  /** The evaluation that reads a file; else the first. */
  #contextOf(file: string): JudgedEvaluation | undefined {
    const judged = judgedEvaluations(this.#store.snapshot)
      .filter(hasOutcome)
      .filter(({ failure }) => !failure);
    return judged.find(({ evaluated }) => evaluated.report.sources.has(file)) ?? judged[0];
  }

  async #askerFor({ key, entry: target, evaluated }: JudgedEvaluation): Promise<Asker | undefined> {
    const nix = this.#nix();
    const { snapshot } = this.#store;
    const workspaceRoots = workspaceFolders(snapshot);
    const planned = {
      workspaceRoots,
      directory: workspaceRoots[0] ?? process.cwd(),
      limits: limitsOfSettings(snapshot),
      ...confinementOf(target, snapshot),
    };
    const options = JSON.stringify(planned);
    const known = this.#askers.get(key);
    if (known?.nix === nix && known.options === options) {
      this.#askers.delete(key);
      this.#askers.set(key, known);
      return known.asker;
    }
    if (known) void this.#end(key);
    const asker = nix.openAsker?.(evaluated.report.request, planned);
    if (!asker) return undefined;
    const entry = { nix, options, asker };
    this.#askers.set(key, entry);
    // There may be a Nix the next time.
    void asker.catch(() => this.#askers.get(key) === entry && this.#askers.delete(key));
    const [oldest] = this.#askers.keys();
    if (this.#askers.size > mostAskers && oldest !== undefined) void this.#end(oldest);
    return asker;
  }

  async #end(key: string): Promise<void> {
    const entry = this.#askers.get(key);
    this.#askers.delete(key);
    await entry?.asker.then((asker) => asker[Symbol.asyncDispose](), notOpened);
  }
}

/** Whoever asked was told why there is no Nix. */
function notOpened(): void {
  return undefined;
}
