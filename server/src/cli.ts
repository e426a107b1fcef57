import { CommandFailure } from './cli/commandEnvironment.ts';
import { defectLines, isDefect } from './cli/defects.ts';
import { requireNeighbours } from './cli/neighbours.ts';
import { StatusLine } from './cli/statusLine.ts';
import { endBySignal, type EndingSignal, endingSignals } from './cli/signals.ts';
import { parseCommandLine, UsageError } from './cli/subcommands.ts';
import { lazyNixEnvironment } from './nix/nixEnvironment.ts';
import { createEvaluator } from './running/evaluator.ts';
import { removeTemporaryDirectories } from './nix/process/temporaryDirectory.ts';
import { joinLines, terminalText } from './output/shown.ts';
import { loadShellParser, type ShellParser } from './shell/shellParser.ts';
import { loadParser, type NixParser } from './syntax/parser.ts';

/** Set by the bundler from package.json. */
declare const NIX_PLATFORM_LENS_VERSION: string;

const interrupted = new AbortController();
/** The first signal that asked the command to end. */
let ending: EndingSignal | undefined;
/** Whether the stack of a defect is printed. */
let isDebugging = false;

const status = new StatusLine(
  (text) => process.stderr.write(text),
  // A terminal without a size says 0.
  () => process.stderr.columns || 80,
);
const hasStatusLine = process.stderr.isTTY && process.env['TERM'] !== 'dumb';

function writeError(text: string): void {
  status.clear();
  process.stderr.write(text);
}

function tellDefect(error: unknown): void {
  writeError(terminalText(defectLines(error, isDebugging)));
}

async function main(): Promise<number> {
  // The grammar lies beside the bundle.
  const directory = import.meta.dirname;
  const version = NIX_PLATFORM_LENS_VERSION;
  const { run, nixDirectory, debug } = parseCommandLine(process.argv.slice(2), version);
  isDebugging = debug;
  requireNeighbours(directory);
  // For good: without a listener, the next one would end the process before it has cleaned up.
  for (const name of endingSignals) {
    process.on(name, () => {
      ending ??= name;
      interrupted.abort();
    });
  }

  let loading: Promise<NixParser> | undefined;
  const parser = (): Promise<NixParser> => (loading ??= loadParser(directory));
  let loadingShell: Promise<ShellParser> | undefined;
  const shellParser = (): Promise<ShellParser> => (loadingShell ??= loadShellParser(directory));
  const nix = lazyNixEnvironment({
    parser,
    ...(nixDirectory === undefined ? {} : { directory: nixDirectory }),
  });
  const evaluator = createEvaluator({
    parser,
    shellParser,
    environment: nix,
    // The evaluation's own error tells the message already.
    onError: (error) => {
      if (isDefect(error)) tellDefect(error);
    },
  });
  return run({
    directory: process.cwd(),
    version,
    evaluator,
    nix,
    parser,
    signal: interrupted.signal,
    isTerminal: process.stdout.isTTY && !process.env['NO_COLOR'],
    isOnScreen: process.stdout.isTTY,
    showsProgress: process.stderr.isTTY,
    showStatus: (doing) => {
      if (doing === undefined) status.clear();
      else if (hasStatusLine) status.show(doing);
    },
    writeOut: (text) => {
      status.clear();
      process.stdout.write(text);
    },
    writeError,
  }).finally(() => status.clear());
}

// A reader that is gone (`… | head`) ends the output, not the judgement; another failure is one line.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(terminalText([`error: the report could not be written: ${error.message}`]));
  process.exit(2);
});

// Status 1 says that there is a leak: a fault of the command itself must never look like one.
process.on('uncaughtException', (error) => {
  tellDefect(error);
  process.exit(2);
});

void main()
  .catch((error: unknown) => {
    if (error instanceof UsageError) return error.exitCode;
    if (isDefect(error) || (isDebugging && !(error instanceof CommandFailure))) tellDefect(error);
    else {
      const message = error instanceof Error ? error.message : String(error);
      const lines = error instanceof CommandFailure ? message.split('\n') : [message];
      writeError(terminalText(lines.map((line) => `error: ${joinLines(line)}`)));
    }
    return 2;
  })
  .then((status) => {
    process.exitCode = status;
    if (ending === undefined) return;
    // Nothing of this process hears the signal that ends it.
    removeTemporaryDirectories();
    endBySignal(ending);
  });
