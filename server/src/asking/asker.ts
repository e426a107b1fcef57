import * as z from 'zod';
import type { EvaluationRequest } from '../model/target.ts';
import { NixFailure } from '../nix/failure.ts';
import { nixString } from '../nix/nixString.ts';
import { WarmNix } from '../nix/warm/warmNix.ts';
import type { Expression, Span } from '../syntax/ast.ts';
import { expressionAt, type SourceFile } from '../syntax/sourceFile.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import type { PlanOptions } from '../running/plan.ts';
import { SourceFileCache } from '../probing/workspaceFiles.ts';
import { absoluteText } from './absoluteText.ts';
import { completionPlace } from './completionPlace.ts';
import type { ContextWorkspace } from './contextWorkspace.ts';
import { describedValue, describeFunction, type DescribedValue } from './describedValue.ts';
import { mostScopes, scopesAt } from './scopesAt.ts';
import { isIdentifier, isKeyword } from '../syntax/identifiers.ts';

/** A file's text as the editor has it, with the others as they were evaluated. */
export interface AskedFile {
  readonly file: string;
  readonly text: string;
  /** Texts by absolute path. */
  readonly others: ReadonlyMap<string, string>;
}

export type Answer =
  | {
      readonly kind: 'values';
      readonly values: readonly DescribedValue[];
      /** False where there may be more of them. */
      readonly isComplete: boolean;
    }
  /** It cannot be told in which context the expression is evaluated. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Nix cannot evaluate it. */
  | { readonly kind: 'failed'; readonly message: string };

/** A name that may stand at the caret. */
export interface NameOffer {
  readonly name: string;
  /** As Nix reads it: in quotes where it is no identifier. */
  readonly text: string;
  readonly isAttribute: boolean;
  /** An expression of its value, which needs no scope. */
  readonly expression: string;
}

export interface NameOffers {
  readonly offers: readonly NameOffer[];
  /** There are more with this beginning. */
  readonly isIncomplete: boolean;
}

/** Mebibytes: it stays, while an evaluation ends. */
const mostMemory = 2048;
const mostOffers = 200;
const nameList = z.array(z.string());

/** Answers what expressions are in the context of one target, from a Nix that stays. */
export class Asker implements AsyncDisposable {
  readonly #request: EvaluationRequest;
  readonly #environment: NixEnvironment;
  readonly #directory: string;
  readonly #nix: WarmNix;
  readonly #sources: SourceFileCache;

  constructor(request: EvaluationRequest, environment: NixEnvironment, { directory, limits }: PlanOptions) {
    this.#request = request;
    this.#environment = environment;
    this.#directory = directory;
    this.#sources = new SourceFileCache(environment.parser);
    const { target, evaluateAs } = request;
    this.#nix = new WarmNix(environment.nix, {
      cwd: directory,
      allowImportFromDerivation: limits.allowImportFromDerivation,
      memoryLimitMiB: Math.min(limits.memoryLimitMiB, mostMemory),
      ...(evaluateAs !== undefined && { evaluateAs }),
      ...(target.kind !== 'derivation' && { arguments: target.arguments }),
    });
  }

  /** Files came or went: what was read is asked for again. */
  invalidate(): void {
    this.#nix.invalidate();
  }

  /** A file has another text. A flake's files are read from their copies in the store. */
  fileChanged(file: string): void {
    if (this.#request.target.kind === 'flake') this.#nix.invalidate();
    else this.#nix.fileChanged(file);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#nix[Symbol.asyncDispose]();
  }

  /** What the expression that covers a stretch is. */
  async describe(asked: AskedFile, span: Span, signal?: AbortSignal): Promise<Answer> {
    const source = await this.#sources.parse(asked.file, asked.text);
    if (source.limit) return { kind: 'unknown', reason: source.limit.message };
    const expression = expressionAt(source, span);
    if (!expression || !source.wellFormed) return { kind: 'unknown', reason: 'the file has a syntax error' };
    const { at, text } = askedText(source, expression);
    return this.#guarded(async () => {
      const found = await scopesAt(source, at, this.#workspace(asked, source, signal));
      if (found.kind === 'unknown') return found;
      const values = await Promise.all(found.scopes.map((scope) => this.#describe(scope.wrap(text))));
      return { kind: 'values', values, isComplete: values.length < mostScopes };
    });
  }

  /** What an expression is that {@link complete} offered. */
  describeOffer(expression: string): Promise<Answer> {
    return this.#guarded(async () => ({
      kind: 'values',
      values: [await this.#describe(expression)],
      isComplete: true,
    }));
  }

  /**
   * The names that may stand at an offset and begin with what stands there
   * already. None where the context cannot be told.
   */
  async complete(asked: AskedFile, offset: number, signal?: AbortSignal): Promise<NameOffers> {
    const place = completionPlace(asked.file, asked.text, offset, this.#environment.parser);
    if (!place) return none;
    const { source, expression, prefix, step } = place;
    try {
      const found = await scopesAt(source, expression, this.#workspace(asked, source, signal));
      const [scope] = found.kind === 'scopes' ? found.scopes : [];
      if (!scope) return none;
      const namesIn = async (set: string): Promise<string[]> =>
        nameList.parse(await this.#nix.query(namesOf(set, prefix)));
      if (expression.kind === 'select' && step !== undefined) {
        const base = absoluteText(source, { start: expression.start, end: endOfBase(expression, step) });
        const set = scope.wrap(base);
        return offersOf(await namesIn(set), (name) => `(${set}).${nixString(name)}`, true);
      }
      const sets = await Promise.all(scope.withs.map((set) => namesIn(set).catch(noNames)));
      const lexical = [...scope.names, 'builtins', 'import'].filter((name) => name.startsWith(prefix));
      const names = new Set([...lexical, ...sets.flat()]);
      return offersOf([...names], (name) => scope.wrap(name), false);
    } catch (error) {
      if (error instanceof NixFailure) return none;
      throw error;
    }
  }

  async #describe(expression: string): Promise<DescribedValue> {
    return describedValue.parse(await this.#nix.query(`${describeFunction} (${expression})`));
  }

  async #guarded(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NixFailure)) throw error;
      // Only what Nix says of the code is said to the person: a question that was ended says nothing of it.
      return error.reason === 'evaluation'
        ? { kind: 'failed', message: withoutOwnPaths(error.message) }
        : { kind: 'unknown', reason: error.message };
    }
  }

  #workspace({ others }: AskedFile, source: SourceFile, signal: AbortSignal | undefined): ContextWorkspace {
    const { parser, system } = this.#environment;
    return {
      texts: new Map(others).set(source.file, source.text),
      parse: (file, text) => this.#sources.parse(file, text),
      target: this.#request.target,
      system: this.#request.evaluateAs ?? system,
      directory: this.#directory,
      parser,
      nix: {
        define: (expression) => this.#nix.define(expression),
        query: (expression) => {
          // What is under way is let to its end: its values make the next question quick.
          if (signal?.aborted) return Promise.reject(new NixFailure('aborted', 'Nobody waits any more.'));
          return this.#nix.query(expression);
        },
      },
    };
  }
}

const none: NameOffers = { offers: [], isIncomplete: false };

/** The question stands in a file of ours, where nobody can look. */
function withoutOwnPaths(message: string): string {
  return message.replace(/ at \S*nix-platform-lens-warm-\S*/g, '');
}

/** What is asked for, and in whose scope: `inherit (e) a;` stands for `(e).a`, where `e` stands. */
function askedText(source: SourceFile, expression: Expression): { at: Expression; text: string } {
  if (expression.kind === 'select' && expression.base.start < expression.start) {
    const [name] = expression.path;
    const from = absoluteText(source, expression.base);
    if (name?.kind === 'static') return { at: expression.base, text: `(${from}).${nixString(name.name)}` };
  }
  return { at: expression, text: absoluteText(source, expression) };
}

/** A `with` whose set cannot be evaluated offers nothing, and the others do. */
function noNames(error: unknown): string[] {
  if (error instanceof NixFailure) return [];
  throw error;
}

function namesOf(set: string, prefix: string): string {
  const length = prefix.length;
  return `
    let
      set = ${set};
      fits = builtins.filter (name: builtins.substring 0 ${length} name == ${nixString(prefix)}) (builtins.attrNames set);
      number = builtins.length fits;
    in
    if builtins.isAttrs set then builtins.genList (builtins.elemAt fits) (if number > ${mostOffers} then ${mostOffers + 1} else number) else [ ]
  `;
}

function offersOf(
  names: readonly string[],
  expressionOf: (name: string) => string,
  isAttribute: boolean,
): NameOffers {
  const offers = names
    .slice(0, mostOffers)
    .map((name) => ({ name, text: written(name), isAttribute, expression: expressionOf(name) }));
  return { offers, isIncomplete: names.length > mostOffers };
}

function written(name: string): string {
  return isIdentifier(name) && !isKeyword(name) ? name : nixString(name);
}

/** Where the part of a selection ends whose value holds the name of this number. */
function endOfBase(select: Extract<Expression, { kind: 'select' }>, step: number): number {
  return step === 0 ? select.base.end : (select.path[step - 1]?.end ?? select.base.end);
}
