import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';

import { methods, serverCommands } from '../../server/src/protocol.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { processesWith, until } from '../support/nixProcesses.ts';
import { uriOf } from './support/editor.ts';
import { RawClient } from './support/rawClient.ts';
import { leakyFile } from './support/workspace.ts';

/** JSON-RPC 2.0 and the Language Server Protocol 3.17. */
const errorCodes = { invalidRequest: -32600, methodNotFound: -32601, notInitialized: -32002 };

const initializeParams = (root: string): object => ({
  processId: process.pid,
  rootUri: uriOf(root),
  capabilities: {},
  initializationOptions: {
    settings: { targets: [{ file: 'default.nix', attribute: 'app' }], evaluateAs: 'x86_64-darwin' },
  },
});

/** Whatever the message, these are no parameters of it. */
const rubbish: readonly (readonly unknown[])[] = [
  [],
  [null],
  [[]],
  [[null, null]],
  ['text'],
  [7],
  [{}],
  [{ textDocument: null, position: null, range: null, context: null }],
];

const position = { line: 0, character: 0 };
const range = { start: position, end: position };

/** Requests that are only refused, not carried out, and what is nearly right for them. */
const requests: Readonly<Record<string, (uri: string) => readonly unknown[]>> = {
  'textDocument/hover': (uri) => [
    { textDocument: { uri } },
    { textDocument: { uri }, position: null },
    { textDocument: { uri }, position: { line: -1, character: 0 } },
    { textDocument: { uri }, position: { line: '0', character: 0 } },
    { textDocument: { uri: 5 }, position },
  ],
  'textDocument/completion': (uri) => [
    { textDocument: { uri } },
    { textDocument: { uri }, position: { line: 0.5, character: 0 } },
  ],
  'completionItem/resolve': () => [{ label: 5, data: [1, 0] }],
  'textDocument/inlayHint': (uri) => [
    { textDocument: { uri } },
    { textDocument: { uri }, range: { start: null, end: null } },
  ],
  'textDocument/codeAction': (uri) => [
    { textDocument: { uri }, range },
    { textDocument: { uri }, range, context: { diagnostics: null } },
    { textDocument: { uri }, range, context: { diagnostics: [null] } },
  ],
  'textDocument/codeLens': (uri) => [{ textDocument: uri }],
  'workspace/executeCommand': (uri) => [
    { command: null },
    { command: 'nixPlatformLens.server.no-such-command' },
    ...Object.values(serverCommands).map((command) => ({ command, arguments: 'text' })),
    { command: serverCommands.evaluateAt },
    { command: serverCommands.evaluateAt, arguments: null },
    { command: serverCommands.evaluateAt, arguments: [null] },
    { command: serverCommands.evaluateAt, arguments: [{ uri, position: null }] },
    { command: serverCommands.fetchInputs, arguments: [5] },
    { command: serverCommands.fetchInputs, arguments: [{ flake: null }] },
  ],
  [methods.selectTarget]: () => [
    { keys: [] },
    { keys: [null] },
    { keys: ['no such target'] },
    { evaluateAs: [5] },
  ],
  [methods.closureChildren]: () => [
    { reportId: -1, offset: 0, limit: 1 },
    { reportId: 1, offset: 0, limit: 1e400 },
    { reportId: 1, parent: 5, offset: 0, limit: 1 },
  ],
  [methods.closurePath]: () => [
    { reportId: 'one', key: 'x' },
    { reportId: 1, key: null },
  ],
  [methods.verifyOutputs]: () => [{ reportId: 1, key: 'no such row' }, { reportId: 1 }],
  'no/such/method': () => [],
};

/** Requests without parameters, or whose parameters may all be left out: they are answered, rubbish or not. */
const answered: readonly string[] = [
  methods.targets,
  methods.evaluate,
  methods.cancel,
  methods.targetFile,
  methods.report,
];

const notifications: Readonly<Record<string, (uri: string) => readonly unknown[]>> = {
  initialized: () => [],
  'textDocument/didOpen': (uri) => [{ textDocument: { uri, languageId: 'nix', version: 2, text: null } }],
  'textDocument/didChange': (uri) => [
    { textDocument: { uri, version: 2 }, contentChanges: null },
    { textDocument: { uri, version: 2 }, contentChanges: [null] },
    { textDocument: { uri, version: 2 }, contentChanges: [{ range }] },
    { textDocument: { uri, version: 2 }, contentChanges: [{ text: '', range: { start: position } }] },
  ],
  'textDocument/didSave': (uri) => [{ textDocument: uri }],
  'textDocument/didClose': (uri) => [{ textDocument: uri }],
  'workspace/didChangeWatchedFiles': (uri) => [{ changes: [{ uri, type: 9 }] }, { changes: [{ uri: null }] }],
  'workspace/didChangeWorkspaceFolders': () => [{ event: null }],
  'workspace/didChangeConfiguration': () => [],
  'window/workDoneProgress/cancel': () => [{ token: null }],
  '$/cancelRequest': () => [{ id: null }],
  '$/setTrace': () => [{ value: 5 }],
  'no/such/notification': () => [],
};

async function opened(workspace: NixFolder, env?: NodeJS.ProcessEnv): Promise<RawClient> {
  const client = new RawClient(env);
  const { result } = await client.request('initialize', initializeParams(workspace.path));
  assert.ok(result);
  await client.notify('initialized', {});
  await open(client, workspace);
  return client;
}

async function open(client: RawClient, workspace: NixFolder): Promise<void> {
  const uri = uriOf(workspace.file('default.nix'));
  const textDocument = { uri, languageId: 'nix', version: 1, text: leakyFile };
  await client.notify('textDocument/didOpen', { textDocument });
}

/** The server does its work: the document is as it was opened, and its leak is told. */
async function worksRight(client: RawClient, workspace: NixFolder): Promise<void> {
  const uri = uriOf(workspace.file('default.nix'));
  await client.until('The leak', ({ method, params }) => {
    const text = JSON.stringify(params ?? '');
    return (
      method === 'textDocument/publishDiagnostics' && text.includes('is built for x86_64-darwin, but app')
    );
  });
  const at = { line: 1, character: 3 };
  const { result, error } = await client.request('textDocument/hover', {
    textDocument: { uri },
    position: at,
  });
  assert.equal(error, undefined);
  assert.match(JSON.stringify(result), /tool/);
  const told = client.received.filter(
    ({ method, params }) =>
      // The library's own handler of `$/setTrace` says so in its own words.
      method === 'window/logMessage' && !JSON.stringify(params).includes("'$/setTrace'"),
  );
  const faults = [...told.map(({ params }) => JSON.stringify(params)), client.stderr].filter((text) =>
    /Something was left to fail|Cannot (?:read|destructure)|is not a function|is not iterable/.test(text),
  );
  assert.deepEqual(faults, []);
}

test('every method of the protocol is in the table', () => {
  const known = [...Object.keys(requests), ...answered];
  const asked = Object.values(methods).filter(
    (method) => method !== methods.status && method !== methods.trust,
  );
  assert.deepEqual(
    asked.filter((method) => !known.includes(method)),
    [],
  );
});

describe('parameters that are none', () => {
  test('of requests are refused in words, and the server works on', async () => {
    using workspace = new NixFolder({ 'default.nix': leakyFile });
    await using client = await opened(workspace);
    const uri = uriOf(workspace.file('default.nix'));
    for (const [method, nearly] of Object.entries(requests)) {
      for (const params of [...rubbish, ...nearly(uri).map((one) => [one])]) {
        const { error } = await client.request(method, ...params);
        // All that can be chosen may be left out.
        const isHarmless = method === methods.selectTarget && rubbish.includes(params);
        const name = `${method} with ${JSON.stringify(params)}`;
        assert.ok(isHarmless || error, `${name} is an error`);
        assert.doesNotMatch(
          error?.message ?? '',
          /Cannot read properties|is not a function|iterable|undefined is/,
          name,
        );
      }
    }
    // Before it is cancelled: then it would never come.
    await worksRight(client, workspace);
    for (const method of answered) for (const params of rubbish) await client.request(method, ...params);
    await worksRight(client, workspace);
  });

  test('of notifications are told in the log, and the server works on', async () => {
    using workspace = new NixFolder({ 'default.nix': leakyFile });
    await using client = await opened(workspace);
    const uri = uriOf(workspace.file('default.nix'));
    for (const [method, nearly] of Object.entries(notifications))
      for (const params of [...rubbish, ...nearly(uri).map((one) => [one])])
        await client.notify(method, ...params);
    await worksRight(client, workspace);
  });

  test('of messages that are none by their form', async () => {
    using workspace = new NixFolder({ 'default.nix': leakyFile });
    await using client = await opened(workspace);
    for (const message of [
      {},
      { id: 99 },
      { id: 99, method: null },
      { id: 99, method: 5 },
      { method: {} },
      { id: 99, result: 1 },
    ])
      await client.send({ jsonrpc: '2.0', ...message });
    await worksRight(client, workspace);
  });
});

describe('initialize', () => {
  test('has to come first: other requests are refused before, and nothing of them counts', async () => {
    using workspace = new NixFolder({ 'default.nix': leakyFile });
    await using client = new RawClient();
    for (const method of [...Object.keys(requests), ...answered])
      assert.equal((await client.request(method, {})).error?.code, errorCodes.notInitialized, method);
    await open(client, workspace);
    assert.ok((await client.request('initialize', initializeParams(workspace.path))).result);
    await client.notify('initialized', {});
    await open(client, workspace);
    await worksRight(client, workspace);
  });

  test('that cannot be understood is refused, and a right one may follow', async () => {
    using workspace = new NixFolder({ 'default.nix': leakyFile });
    await using client = new RawClient();
    const right = initializeParams(workspace.path);
    const without = { ...right, capabilities: undefined };
    for (const params of [
      ...rubbish,
      [without],
      [{ ...right, capabilities: null }],
      [{ ...right, workspaceFolders: 'text' }],
      [{ ...right, workspaceFolders: [null] }],
      [{ ...right, workspaceFolders: [{ uri: 5 }] }],
    ]) {
      const { error } = await client.request('initialize', ...params);
      assert.ok(error, `initialize with ${JSON.stringify(params)} is an error`);
    }
    assert.ok((await client.request('initialize', right)).result);
    await client.notify('initialized', {});
    await open(client, workspace);
    await worksRight(client, workspace);
  });

  test('counts once: a second one is refused, and the first stays in force', async () => {
    using workspace = new NixFolder({ 'default.nix': leakyFile });
    using other = new NixFolder({ 'default.nix': '{ }' });
    await using client = await opened(workspace);
    const { error } = await client.request('initialize', initializeParams(other.path));
    assert.equal(error?.code, errorCodes.invalidRequest);
    assert.match(error.message, /shut it down and start another one/);
    await client.notify('initialized', {});
    await worksRight(client, workspace);
  });
});

test('after shutdown requests are refused, nothing is started, and exit still ends the server', async () => {
  using workspace = new NixFolder({ 'default.nix': leakyFile });
  const env = { ...process.env, NPL_TEST_MARK: workspace.path };
  await using client = await opened(workspace, env);
  await worksRight(client, workspace);
  assert.equal((await client.request('shutdown')).error, undefined);
  await open(client, workspace);
  for (const method of [...Object.keys(requests), ...answered]) {
    if (method === 'no/such/method') continue;
    assert.equal((await client.request(method, {})).error?.code, errorCodes.invalidRequest, method);
  }
  const ended = once(client.process, 'exit');
  await client.notify('exit');
  await ended;
  assert.equal(client.process.exitCode, 0);
  await until('all is gone', () => processesWith(`NPL_TEST_MARK=${workspace.path}`).length === 0);
});
