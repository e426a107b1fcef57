import { LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import * as z from 'zod';

import { editorText } from '../features/wording.ts';
import { FetchError } from '../session/runs.ts';
import { NoSuchTargetError } from '../session/targets.ts';
import { VerifyError } from '../session/verifying.ts';

/** Writes to the client's log; an error with its stack. */
export type LogError = (message: string, error: unknown) => void;

/**
 * Makes handlers that never fail: what goes wrong is logged with its stack, and
 * a request is answered with an error of the protocol.
 */
export class Guard {
  readonly #logError: LogError;

  constructor(logError: LogError) {
    this.#logError = logError;
  }

  request<Params extends readonly unknown[], Result>(
    name: string,
    handle: (...params: Params) => Result | Promise<Result>,
  ): (...params: Params) => Promise<Result | ResponseError> {
    return async (...params) => {
      try {
        return await handle(...params);
      } catch (error) {
        const isExpected = expected.some((kind) => error instanceof kind);
        if (!isExpected) this.#logError(`${name} failed.`, error);
        return new ResponseError(LSPErrorCodes.RequestFailed, messageOf(name, error));
      }
    };
  }

  notification<Params extends readonly unknown[]>(
    name: string,
    handle: (...params: Params) => void | Promise<void>,
  ): (...params: Params) => Promise<void> {
    return async (...params) => {
      try {
        await handle(...params);
      } catch (error) {
        this.#logError(`${name} failed.`, error);
      }
    };
  }
}

/** What is told to whoever asked, and is nothing for the log. */
const expected = [NoSuchTargetError, FetchError, VerifyError, z.ZodError];

function messageOf(name: string, error: unknown): string {
  if (error instanceof z.ZodError)
    return `${name} was called with arguments of another form: ${z.prettifyError(error)}`;
  return editorText(error instanceof Error ? error.message : String(error));
}
