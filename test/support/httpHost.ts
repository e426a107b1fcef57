import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';

/** A web server of the test's own that counts who asks. */
export interface HttpHost extends AsyncDisposable {
  /** E.g. `http://127.0.0.1:4711`. */
  readonly address: string;
  /** The paths that were asked for. */
  readonly asked: readonly string[];
}

/** @param answer what is sent for a path; undefined: it is not there */
export async function startHttpHost(
  answer: (path: string) => string | undefined | Promise<string>,
): Promise<HttpHost> {
  const asked: string[] = [];
  const send = async (path: string, response: ServerResponse): Promise<void> => {
    const text = await answer(path);
    if (text === undefined) response.writeHead(404).end();
    else response.end(text);
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    void send(path, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  return {
    address: `http://127.0.0.1:${bound.port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
