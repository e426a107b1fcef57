import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import {
  StreamMessageReader,
  StreamMessageWriter,
  createProtocolConnection,
} from 'vscode-languageserver/node';

import { measure, median, milliseconds, printRow } from '../support/benchmark.ts';

const server = join(import.meta.dirname, '../../dist/server.cjs');
const uri = 'file:///nowhere/default.nix';

/** From the start of the process to the answer to the first request about a document. */
async function startAndAsk(): Promise<void> {
  const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions: { trusted: false },
  });
  await connection.sendNotification('initialized', {});
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'nix', version: 1, text: '{ pkgs }: [ pkgs.hello ]\n' },
  });
  await connection.sendRequest('textDocument/hover', {
    textDocument: { uri },
    position: { line: 0, character: 18 },
  });
  stop = async () => {
    await connection.sendRequest('shutdown');
    await connection.sendNotification('exit');
    await once(child, 'exit');
    connection.dispose();
  };
}

let stop: () => Promise<void> = () => Promise.resolve();

const times: number[] = [];
for (let run = 0; run < 21; run += 1) {
  times.push(...(await measure(1, startAndAsk)));
  await stop();
}
const middle = median(times);
printRow({
  subject: 'server start to first answered request',
  measured: milliseconds(middle),
  goal: '< 300 ms',
  met: middle < 300,
});
