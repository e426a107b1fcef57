import { readFileSync } from 'node:fs';

import { Editor, uriOf } from '../server/support/editor.ts';
import { median, milliseconds, percentile, printRow } from '../support/benchmark.ts';
import { LargeStore } from '../support/largeStore.ts';

/*
 * A large workspace in the real server: how long nothing is answered while it
 * evaluates and while it reads what was kept, how much memory it takes, and how
 * long a key takes. `NPL_LARGE_DERIVATIONS` and `NPL_LARGE_FILES` for smaller ones.
 */
const files = Number(process.env['NPL_LARGE_FILES'] ?? 1500);
const leaks = Math.floor((files * 8) / 15);
const derivations = Number(process.env['NPL_LARGE_DERIVATIONS'] ?? 100_000);
/** Between two questions. */
const pauseMs = 5;
/** Longer than the server waits before it writes a report, and than that takes. */
const writingMs = 6000;

/** Asks for the least that there is, one question after the other, until it is stopped. */
class Pulse implements AsyncDisposable {
  readonly times: number[] = [];
  readonly #done: Promise<void>;
  #isOver = false;

  constructor(editor: Editor) {
    this.#done = this.#beat(editor);
  }

  async #beat(editor: Editor): Promise<void> {
    while (!this.#isOver) {
      const start = performance.now();
      // No method has this name: that is answered at once, and by nobody else than the server.
      await editor.connection.sendRequest('npl/none').catch(() => undefined);
      this.times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async measured(subject: string): Promise<void> {
    await this[Symbol.asyncDispose]();
    const p99 = percentile(this.times, 99);
    printRow({
      subject,
      measured: `p99 ${milliseconds(p99)}, at most ${milliseconds(Math.max(...this.times))}`,
      reference: `${this.times.length.toLocaleString('en')} questions`,
      goal: 'p99 ≤ 50 ms',
      met: p99 <= 50,
    });
  }
}

function residentMiB(pid: number | undefined): number {
  const [, kibibytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8')) ?? [];
  if (kibibytes === undefined) throw new Error('This system does not say how much memory a process has.');
  return Number(kibibytes) / 1024;
}

using workspace = new LargeStore({ files, leaks, derivations });
const what = `${files.toLocaleString('en')} files, ${leaks} leaks, ${derivations.toLocaleString('en')} derivations`;
const options = {
  root: workspace.root,
  settings: { targets: [{ file: 'default.nix' }], 'evaluation.timeout': 1200 },
  env: { ...workspace.env, XDG_CACHE_HOME: workspace.cache },
  patienceMs: 1_200_000,
};
const open = workspace.names.slice(1, 4).map((name) => workspace.file(name));

async function evaluate(): Promise<void> {
  await using editor = await Editor.start(options);
  const pulse = new Pulse(editor);
  for (const file of open) await editor.open(file);
  const status = await editor.evaluated();
  if (status.state !== 'done') throw new Error(status.message);
  await pulse.measured(`unanswered while it evaluates: ${what}`);
  const first = residentMiB(editor.process.pid);

  const writing = new Pulse(editor);
  await new Promise((resolve) => setTimeout(resolve, writingMs));
  await writing.measured('unanswered while the report is kept for the next session');

  await keys(editor);

  const again = new Pulse(editor);
  const [file] = open;
  if (file !== undefined) await editor.save(file);
  await editor.evaluated(editor.statuses.length);
  await again.measured('unanswered while it evaluates once more');
  printRow({
    subject: `memory of the server: ${what}`,
    measured: `${Math.round(residentMiB(editor.process.pid))} MiB after two evaluations`,
    reference: `${Math.round(first)} MiB after the first one`,
  });
}

/** From a key to the diagnostics that are told, and to the hover that is asked for behind it. */
async function keys(editor: Editor): Promise<void> {
  const [file] = open;
  if (file === undefined) throw new Error('no file is open');
  const told: number[] = [];
  const hovered: number[] = [];
  for (let key = 0; key < 40; key++) {
    const published = editor.sentDiagnostics(file);
    const start = performance.now();
    if (key % 2 === 0) await editor.change(file, 0, 0, '\n');
    else await editor.change(file, 0, 1, '');
    await editor.hover(file, 'tool ]', 1);
    hovered.push(performance.now() - start);
    await editor.until(`Diagnostics of ${uriOf(file)}`, () =>
      editor.sentDiagnostics(file) > published ? true : undefined,
    );
    told.push(performance.now() - start);
  }
  for (const [subject, times] of [
    ['key to hover', hovered],
    ['key to diagnostics', told],
  ] as const)
    printRow({
      subject: `${subject}, ${leaks} leaks`,
      measured: `p50 ${milliseconds(median(times))}, p95 ${milliseconds(percentile(times, 95))}`,
    });
}

async function reopen(): Promise<void> {
  await using editor = await Editor.start(options);
  const pulse = new Pulse(editor);
  for (const file of open) await editor.open(file);
  const start = performance.now();
  await editor.status(({ asOf }) => asOf !== undefined);
  const time = performance.now() - start;
  await pulse.measured(`unanswered while it is opened again (shown after ${milliseconds(time)})`);
}

await evaluate();
await reopen();
