import { defectLines } from './cli/defects.ts';
import { runCommandLine } from './cli/runCommandLine.ts';
import { endBySignal, type EndingSignal, endingSignals } from './cli/signals.ts';
import { StatusLine } from './cli/statusLine.ts';
import { removeTemporaryDirectories } from './nix/process/temporaryDirectory.ts';
import { terminalText } from './output/shown.ts';

/** Set by the bundler from package.json. */
declare const NIX_PLATFORM_LENS_VERSION: string;

const interrupted = new AbortController();
/** The first signal that asked the command to end. */
let ending: EndingSignal | undefined;
// For good: without a listener, the next one would end the process before it has cleaned up.
for (const name of endingSignals) {
  process.on(name, () => {
    ending ??= name;
    interrupted.abort();
  });
}

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

// A reader that is gone (`… | head`) ends the output, not the judgement; another failure is one line.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(terminalText([`error: the report could not be written: ${error.message}`]));
  process.exit(2);
});

// Status 1 says that there is a leak: a fault of the command itself must never look like one.
process.on('uncaughtException', (error) => {
  writeError(terminalText(defectLines(error, process.argv.includes('--debug'))));
  process.exit(2);
});

process.exitCode = await runCommandLine({
  args: process.argv.slice(2),
  // They lie beside the bundle.
  grammars: import.meta.dirname,
  directory: process.cwd(),
  version: NIX_PLATFORM_LENS_VERSION,
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
});
if (ending !== undefined) {
  // Nothing of this process hears the signal that ends it.
  removeTemporaryDirectories();
  endBySignal(ending);
}
