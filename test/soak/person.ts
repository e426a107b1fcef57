import { writeFile } from 'node:fs/promises';
import { CancellationTokenSource, ResponseError, type Position } from 'vscode-languageserver/node';

import {
  methods,
  type ClosureChildrenResult,
  type ClosurePathResult,
  type SelectTargetParams,
} from '../../server/src/protocol.ts';
import { uriOf, type Editor } from '../server/support/editor.ts';
import { textsOf, type Place } from './places.ts';
import type { Random } from './random.ts';

/** What is typed: pieces that belong in a Nix file, and some that break it. */
const pieces = [
  '\n',
  ' ',
  '# note\n',
  '"',
  '{',
  '}',
  '[',
  ';',
  "''",
  '${',
  'pkgs.',
  'with ',
  'a = 1;',
  '😀',
  '\t',
];
const systems = [null, 'x86_64-linux', 'aarch64-linux', 'x86_64-darwin'];

/** Somebody who works in one workspace without a plan: everything that the server offers, in any order. */
export class Person {
  readonly #place: Place;
  readonly #editor: Editor;
  readonly #random: Random;
  /** As the files were at first: that can be evaluated. */
  readonly #originals: ReadonlyMap<string, string>;
  /** Texts of the open files, as the editor has them. */
  readonly #open = new Map<string, string>();
  /** Keys of the targets that were offered at first: those of a file that is in pieces for a while come and go. */
  readonly #offered = new Set<string>();
  /** What was selected last, to be selected in another server too. */
  #selected: SelectTargetParams = {};

  constructor(place: Place, editor: Editor, random: Random) {
    this.#place = place;
    this.#editor = editor;
    this.#random = random;
    this.#originals = textsOf(place);
  }

  get openFiles(): readonly string[] {
    return [...this.#open.keys()];
  }

  get selected(): SelectTargetParams {
    return this.#selected;
  }

  /** Looks at what there is; to be called before anything else. */
  async start(): Promise<void> {
    await this.#openOne();
    await this.#editor.settled();
    const { targets } = await this.#editor.targets();
    for (const { key, group } of targets) if (group !== true) this.#offered.add(key);
  }

  /** Does one thing. */
  async act(): Promise<void> {
    const act = this.#random.pick(this.#acts);
    try {
      await act();
    } catch (error) {
      // Asked for what is gone by now, or cancelled: an answer as well. A fault of the server is in its log.
      if (!(error instanceof ResponseError)) throw error;
    }
  }

  readonly #acts: readonly (() => Promise<unknown>)[] = [
    ...Array.from({ length: 6 }, () => () => this.#type()),
    () => this.#undo(),
    () => this.#undo(),
    () => this.#save(),
    () => this.#save(),
    () => this.#openOne(),
    () => this.#closeOne(),
    ...Array.from({ length: 4 }, () => () => this.#ask('textDocument/hover')),
    ...Array.from({ length: 2 }, () => () => this.#ask('textDocument/completion')),
    () => this.#lookAt(),
    () => this.#browse(),
    () => this.#select(),
    () => this.#editor.connection.sendRequest(methods.evaluate),
    () => this.#editor.connection.sendRequest(methods.cancel),
    () => this.#searchTargets(),
    () => this.#editor.reports(),
    () => this.#editor.connection.sendRequest(methods.targetFile),
    () => this.#changeOnDisk(),
    () => this.#changeSettings(),
  ];

  /** Makes everything as it was, but for comments at random places, saves it and has it evaluated. */
  async rest(): Promise<void> {
    await this.#editor.changeSettings(this.#place.settings);
    for (const [file, original] of this.#originals) {
      const lines = original.split('\n');
      lines.splice(this.#random.below(2), 0, `# note ${this.#random.below(1000)}`);
      const text = lines.join('\n');
      await writeFile(file, text);
      if (this.#open.has(file)) {
        this.#open.set(file, text);
        await this.#editor.rewrite(file, text);
        await this.#editor.save(file);
      }
    }
    await this.#tellWatcher([...this.#originals.keys()]);
    await this.#editor.settled();
    await this.#selectWhatIsThere();
    await this.#editor.connection.sendRequest(methods.evaluate);
    await this.#editor.settled();
  }

  #anyOpen(): string | undefined {
    const files = this.openFiles;
    return files.length > 0 ? this.#random.pick(files) : undefined;
  }

  async #openOne(): Promise<void> {
    const file = this.#random.pick([...this.#originals.keys()]);
    if (this.#open.has(file)) return;
    await this.#editor.open(file);
    this.#open.set(file, textsOf(this.#place).get(file) ?? '');
  }

  async #closeOne(): Promise<void> {
    const file = this.#anyOpen();
    // One stays open: nobody works in a closed editor.
    if (file === undefined || this.#open.size === 1) return;
    this.#open.delete(file);
    await this.#editor.close(file);
  }

  async #type(): Promise<void> {
    const file = this.#anyOpen();
    if (file === undefined) return this.#openOne();
    const text = this.#open.get(file) ?? '';
    const start = this.#random.below(text.length + 1);
    const end = this.#random.chance(0.3) ? Math.min(text.length, start + this.#random.below(12)) : start;
    const typed = this.#random.pick(pieces);
    this.#open.set(file, text.slice(0, start) + typed + text.slice(end));
    await this.#editor.change(file, start, end, typed);
  }

  async #undo(): Promise<void> {
    const file = this.#anyOpen();
    if (file === undefined) return;
    const text = this.#originals.get(file) ?? '';
    this.#open.set(file, text);
    await this.#editor.rewrite(file, text);
  }

  async #save(): Promise<void> {
    const file = this.#anyOpen();
    if (file !== undefined) await this.#editor.save(file);
  }

  /** Asks about any place; a third of the questions is withdrawn, and a third is not waited for. */
  async #ask(method: string): Promise<void> {
    const file = this.#anyOpen();
    if (file === undefined) return;
    const lines = (this.#open.get(file) ?? '').split('\n');
    const line = this.#random.below(lines.length);
    const position: Position = { line, character: this.#random.below((lines[line]?.length ?? 0) + 1) };
    const cancellation = new CancellationTokenSource();
    const params = { textDocument: { uri: uriOf(file) }, position };
    const answer = this.#editor.connection.sendRequest(method, params, cancellation.token);
    if (this.#random.chance(1 / 3)) cancellation.cancel();
    await answer;
  }

  async #lookAt(): Promise<void> {
    const file = this.#anyOpen();
    if (file === undefined) return;
    await Promise.all([this.#editor.inlayHints(file), this.#editor.codeLenses(file)]);
    for (const diagnostic of this.#editor.diagnostics(file)) await this.#editor.codeActions(file, diagnostic);
  }

  /** Opens rows of the closure tree, three deep. */
  async #browse(): Promise<void> {
    const reportId = this.#editor.statuses.at(-1)?.reportId;
    if (reportId === undefined) return;
    let parent: string | undefined;
    for (let depth = 0; depth < 3; depth++) {
      const { nodes } = await this.#editor.connection.sendRequest<ClosureChildrenResult>(
        methods.closureChildren,
        {
          reportId,
          ...(parent !== undefined && { parent }),
          offset: 0,
          limit: 100,
        },
      );
      if (nodes.length === 0) return;
      parent = this.#random.pick(nodes).key;
      await this.#editor.connection.sendRequest<ClosurePathResult>(methods.closurePath, {
        reportId,
        key: parent,
      });
    }
  }

  async #select(): Promise<void> {
    const evaluateAs = [this.#random.pick(systems)];
    const { targets } = await this.#editor.targets();
    const chosen = targets.filter(({ key }) => this.#offered.has(key)).filter(() => this.#random.chance(0.5));
    const keys = chosen.slice(0, 2).map(({ key }) => key);
    const selected = { ...(keys.length > 0 && { keys }), evaluateAs };
    await this.#editor.select(selected);
    this.#selected = { ...this.#selected, ...selected };
  }

  /** What was selected while files were in pieces may be gone by now. */
  async #selectWhatIsThere(): Promise<void> {
    const { targets } = await this.#editor.targets();
    const there = targets.filter(({ key }) => this.#offered.has(key)).map(({ key }) => key);
    const kept = (this.#selected.keys ?? []).filter((key) => there.includes(key));
    const keys = kept.length > 0 ? kept : there.slice(0, 1);
    const evaluateAs = this.#selected.evaluateAs ?? [null];
    this.#selected = { ...(keys.length > 0 && { keys }), evaluateAs };
    try {
      await this.#editor.select(this.#selected);
    } catch (cause) {
      throw new Error(`a target that is listed cannot be selected: ${keys.join(' ')}`, { cause });
    }
  }

  async #searchTargets(): Promise<void> {
    const cancellation = new CancellationTokenSource();
    const found = this.#editor.targets({}, cancellation.token);
    if (this.#random.chance(0.3)) cancellation.cancel();
    await found;
  }

  /** As `git checkout` does it: files change, and the watcher tells of it. */
  async #changeOnDisk(): Promise<void> {
    const file = this.#random.pick([...this.#originals.keys()]);
    await writeFile(file, `# changed ${this.#random.below(1000)}\n${this.#originals.get(file) ?? ''}`);
    await this.#tellWatcher([file]);
  }

  #tellWatcher(files: readonly string[]): Promise<void> {
    const changes = files.map((file) => ({ uri: uriOf(file), type: 2 }));
    return this.#editor.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  }

  #changeSettings(): Promise<void> {
    const changed = this.#random.pick([
      { 'inlayHints.enabled': 'foreign' },
      { 'codeLens.enabled': false },
      { rules: { 'build-platform': 'warning' } },
      { 'evaluation.warm': false },
      {},
    ]);
    return this.#editor.changeSettings({ ...this.#place.settings, ...changed });
  }
}
