import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';

import { readTargetFile } from './targets/targetFile.ts';
import { startServer } from './lsp/server.ts';
import { withoutNull } from './lsp/withoutNull.ts';
import { runInBackground } from './nix/process/priority.ts';
import { connectNix } from './session/connectNix.ts';
import { readAllowedPaths, writeAllowedPaths } from './storage/allowedPaths.ts';
import { readChoice, readLastTargets, writeChoice, writeLastTargets } from './storage/choice.ts';
import { readReport, storeReport } from './storage/reports.ts';
import { loadShellParser, type ShellParser } from './shell/shellParser.ts';
import { loadParser, type NixParser } from './syntax/parser.ts';

/** Set by the bundler from package.json. */
declare const NIX_PLATFORM_LENS_VERSION: string;

const transports = ['--stdio', '--node-ipc', '--socket', '--pipe'];

if (!process.argv.some((argument) => transports.some((transport) => argument.startsWith(transport)))) {
  process.stderr.write('This is a language server. An editor starts it with --stdio or --node-ipc.\n');
  process.exit(2);
}

let parser: Promise<NixParser> | undefined;

/** The grammar lies beside the bundle; it is loaded when a file is parsed for the first time. */
function loadOnce(): Promise<NixParser> {
  return (parser ??= loadParser(import.meta.dirname));
}

let shellParser: Promise<ShellParser> | undefined;

/** Needed only where something is cross-compiled. */
function loadShellOnce(): Promise<ShellParser> {
  return (shellParser ??= loadShellParser(import.meta.dirname));
}

runInBackground();
startServer(createConnection(ProposedFeatures.all, { messageStrategy: withoutNull }), {
  version: NIX_PLATFORM_LENS_VERSION,
  parts: (logError, storage) => ({
    loadParser: loadOnce,
    readTargetFile,
    connectNix: (nixDirectory) => connectNix(nixDirectory, loadOnce, loadShellOnce),
    logError,
    ...(storage !== undefined && {
      storage: {
        readChoice: () => readChoice(storage),
        writeChoice: (choice) => writeChoice(storage, choice),
        readAllowedPaths: () => readAllowedPaths(storage),
        writeAllowedPaths: (paths) => writeAllowedPaths(storage, paths),
        readLastTargets: () => readLastTargets(storage),
        writeLastTargets: (targets) => writeLastTargets(storage, targets),
        readReport: (key) => readReport(storage, key),
        writeReport: (kept) => storeReport(storage, kept),
      },
    }),
  }),
});
