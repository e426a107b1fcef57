import type { System } from '../model/system.ts';
import type { EvaluationTarget } from '../model/target.ts';
import type { NixParser } from '../syntax/parser.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';

/** A Nix that keeps what it evaluated. */
export interface ContextNix {
  /** A file with an expression; the same text is the same file. */
  define(expression: string): Promise<string>;
  /** Evaluates strictly to the value of its JSON. @throws NixFailure */
  query(expression: string): Promise<unknown>;
}

/** In which context expressions are asked for. */
export interface ContextWorkspace {
  /** The texts of the workspace's files by absolute path, as far as an evaluation may read them. */
  readonly texts: ReadonlyMap<string, string>;
  readonly parse: (file: string, text: string) => SourceFile | Promise<SourceFile>;
  readonly target: EvaluationTarget;
  /** The system that the target is evaluated as. */
  readonly system: System;
  /** What relative paths in the target's arguments are relative to. */
  readonly directory: string;
  readonly parser: NixParser;
  readonly nix: ContextNix;
}

/** Thrown within this folder where a scope cannot be told; the message is for people. */
export class UnknownScopeError extends Error {
  override readonly name = 'UnknownScopeError';
}
