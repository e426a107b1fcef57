import { ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import * as z from 'zod';

import { editorText } from '../features/editorMessages.ts';
import { FetchError } from '../session/fetching.ts';
import { NoSuchTargetError } from '../session/noSuchTarget.ts';
import { VerifyError } from '../session/verifying.ts';

/** Writes to the client's log; an error with its stack. */
export type LogError = (message: string, error: unknown) => void;

/**
 * Makes handlers that never fail: what goes wrong is logged with its stack, and
 * a request is answered with an error of the protocol.
 */
export class Guard {
  readonly #logError: LogError;
  #isOver = false;

  constructor(logError: LogError) {
    this.#logError = logError;
  }

  /** The server is shut down: from now on requests are refused, and notifications are not heeded. */
  end(): void {
    this.#isOver = true;
  }

  /** @param form what the parameters have to be like; left out: `handle` looks at them itself */
  request<Params extends readonly unknown[], Result>(
    name: string,
    handle: (...params: Params) => Result | Promise<Result>,
    form?: z.ZodType,
  ): (...params: Params) => Promise<Result | ResponseError> {
    return async (...params) => {
      if (this.#isOver) return new ResponseError(ErrorCodes.InvalidRequest, overMessage);
      try {
        form?.parse(params[0]);
        return await handle(...params);
      } catch (error) {
        if (isAbort(error)) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
        const isExpected = expected.some((kind) => error instanceof kind);
        if (!isExpected) this.#logError(`${name} failed.`, error);
        const isForm = error instanceof z.ZodError;
        const code = isForm ? ErrorCodes.InvalidParams : LSPErrorCodes.RequestFailed;
        return new ResponseError(code, messageOf(name, error));
      }
    };
  }

  notification<Params extends readonly unknown[]>(
    name: string,
    handle: (...params: Params) => void | Promise<void>,
    form?: z.ZodType,
  ): (...params: Params) => Promise<void> {
    return async (...params) => {
      if (this.#isOver) return;
      try {
        form?.parse(params[0]);
        await handle(...params);
      } catch (error) {
        if (error instanceof z.ZodError) this.#logError(`${name} failed.`, messageOf(name, error));
        else this.#logError(`${name} failed.`, error);
      }
    };
  }
}

/** The editor does not want the answer any more. */
function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

const overMessage = 'The server was shut down and does nothing more: start another one.';

/** What is told to whoever asked, and is nothing for the log. */
const expected = [NoSuchTargetError, FetchError, VerifyError, z.ZodError];

function messageOf(name: string, error: unknown): string {
  if (error instanceof z.ZodError)
    return `${name} was called with arguments of another form: ${z.prettifyError(error)}`;
  return editorText(error instanceof Error ? error.message : String(error));
}
