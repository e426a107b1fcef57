import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NixFailure } from '../../server/src/nix/failure.ts';
import type { NixFailureReason } from '../../server/src/nix/failure.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import type { NixInstallation } from '../../server/src/nix/installation.ts';
import { runNix } from '../../server/src/nix/runNix.ts';
import type { ProcessOptions } from '../../server/src/nix/runNix.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { processesWith, until } from '../support/nixProcesses.ts';
import { nixVersions } from '../support/nixVersions.ts';

/** Traces once, then computes for hours without a pause in which it would hear a signal. */
const neverEnds = `
  let count = builtins.foldl' (a: b: a + b) 0;
  in builtins.trace "started" (count (map (n: count (builtins.genList (x: x) 10000)) (builtins.genList (x: x) 10000000)))
`;

function evaluate(nix: NixInstallation, expression: string, options: ProcessOptions = {}) {
  return runNix(nix, 'nixInstantiate', ['--eval', '--expr', expression], options);
}

async function failure(run: Promise<unknown>, reason: NixFailureReason): Promise<NixFailure> {
  const error = await run.then(
    () => assert.fail('it gave a result'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof NixFailure, String(error));
  assert.equal(error.reason, reason, error.message);
  return error;
}

/** Starts an evaluation that lasts, aborts it once `isUnderWay`: the run has failed then, and its processes are gone. */
async function diesWhenAborted(
  start: (options: ProcessOptions) => Promise<unknown>,
  isUnderWay: () => boolean,
): Promise<void> {
  const mark = randomUUID();
  const controller = new AbortController();
  const run = failure(start({ signal: controller.signal, env: { NIX_LENS_TEST: mark } }), 'aborted');
  await until('it runs', () => processesWith(mark).length > 0 && isUnderWay());
  controller.abort();
  await run;
  await until('no orphan remains', () => processesWith(mark).length === 0);
}

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version}`, async () => {
    const nix = await findNix({ directory });

    test('a run that is not wanted any more is gone', async () => {
      let started = false;
      const onMessage = () => (started = true);
      await diesWhenAborted(
        (options) => evaluate(nix, neverEnds, { ...options, onMessage }),
        () => started,
      );
    });

    test('so are the programs that it started, even if they refuse', async () => {
      using folder = new NixFolder({});
      const started = folder.file('started');
      folder.write('git', `#!/bin/sh\ntrap '' TERM INT HUP\n: > '${started}'\nsleep 1000\n`, 0o755);
      const path = `${folder.path}:${process.env['PATH']}`;
      const fetch = `builtins.fetchGit { url = "https://example.invalid/${randomUUID()}.git"; }`;
      await diesWhenAborted(
        ({ env, ...options }) => evaluate(nix, fetch, { ...options, env: { ...env, PATH: path } }),
        () => existsSync(started),
      );
    });

    test('and the builders, which leave the process group', async () => {
      using folder = new NixFolder({}, 'nix-lens-');
      const started = folder.file('started');
      const build = (mark: string) => `import (derivation {
        name = "never-${randomUUID()}";
        system = builtins.currentSystem;
        builder = "/bin/sh";
        args = [ "-c" ": > ${started}; while :; do /bin/sleep 1; done" ];
        NIX_LENS_TEST = "${mark}";
      })`;
      const options = ['sandbox', 'false', 'substitute', 'false', 'build-users-group', ''];
      const flags = options.flatMap((value, index) => (index % 2 === 0 ? ['--option', value] : [value]));
      await diesWhenAborted(
        (run) =>
          runNix(
            nix,
            'nixInstantiate',
            ['--eval', '--read-write-mode', ...flags, '--expr', build(run.env?.['NIX_LENS_TEST'] ?? '')],
            run,
          ),
        () => existsSync(started),
      );
    });

    test('a time limit ends it', async () => {
      const { message } = await failure(evaluate(nix, neverEnds, { timeoutMs: 200 }), 'timeout');
      assert.match(message, /within 0\.2 s/);
    });

    test('a memory limit ends it', async () => {
      const grows = `
        let grow = n: all: let next = builtins.genList (x: x + n) 100000; in
          if n == 0 then builtins.length all else builtins.deepSeq next (grow (n - 1) (all ++ [ next ]));
        in grow 2000 [ ]
      `;
      const { message } = await failure(evaluate(nix, grows, { memoryLimitMiB: 100 }), 'out-of-memory');
      assert.match(message, /100 MiB/);
    });

    test('traces without end are cut off', async () => {
      const shouts = `builtins.foldl' (a: n: builtins.trace "again and again and again" n) 0 (builtins.genList (x: x) 10000000)`;
      await failure(evaluate(nix, shouts, { outputLimitMiB: 1 }), 'too-much-output');
    });

    test('infinite recursion and endless calls are errors of the evaluation', async () => {
      const recursion = await failure(evaluate(nix, 'let x = x; in x'), 'evaluation');
      assert.match(recursion.message, /infinite recursion/);
      const calls = await failure(evaluate(nix, 'let f = n: 1 + f (n + 1); in f 0'), 'evaluation');
      assert.match(calls.message, /stack overflow/);
    });

    test('a trace of megabytes arrives whole, and all of many arrive in order', async () => {
      const long = await evaluate(
        nix,
        `builtins.trace (builtins.concatStringsSep "" (builtins.genList (x: "zwölf€") 400000)) 1`,
      );
      // Where there is no group of builders, Nix as root warns of that as well.
      const traces = long.messages.filter(({ kind }) => kind === 'trace');
      assert.deepEqual(traces, [{ kind: 'trace', text: 'zwölf€'.repeat(400_000) }]);
      assert.equal(long.stdout.trim(), '1');

      const count = 20_000;
      const seen: string[] = [];
      const many = `builtins.foldl' (a: n: builtins.trace (toString n) n) 0 (builtins.genList (x: x) ${count})`;
      await evaluate(nix, many, {
        onMessage: (message) => {
          if (message.kind === 'trace') seen.push(message.text);
        },
      });
      assert.deepEqual(
        seen,
        Array.from({ length: count }, (_, index) => String(index)),
      );
    });
  });
}

/** A "Nix" that does what the script says. */
function fake(folder: NixFolder, script: string): NixInstallation {
  const nixInstantiate = folder.write('nix-instantiate', `#!/bin/sh\n${script}\n`, 0o755);
  return { version: '2.99', isLix: false, commands: { nixInstantiate, nix: undefined, nixStore: undefined } };
}

test('a time limit holds for a process too that outlives Nix and keeps its output open', async () => {
  using folder = new NixFolder({});
  // It lives as long as this test does: a run that waited for it would never end.
  const stays = folder.write('stays', '');
  const nix = fake(folder, `setsid sh -c 'while [ -e "${stays}" ]; do sleep 1; done' &`);
  await failure(runNix(nix, 'nixInstantiate', [], { timeoutMs: 300 }), 'timeout');
});

test('a group that a dead process keeps is gone: macOS answers EPERM then', async (context) => {
  using folder = new NixFolder({});
  const kill = process.kill.bind(process);
  context.mock.method(process, 'kill', (id: number, signal: NodeJS.Signals) => {
    if (signal === 'SIGKILL') throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    return kill(id, signal);
  });
  await failure(runNix(fake(folder, 'exec sleep 20'), 'nixInstantiate', [], { timeoutMs: 100 }), 'timeout');
});

test('what ends without a word has crashed, what the system kills has used too much memory', async () => {
  using folder = new NixFolder({});
  const crash = await failure(runNix(fake(folder, 'kill -SEGV $$'), 'nixInstantiate', []), 'crashed');
  assert.match(crash.message, /SIGSEGV/);
  await failure(runNix(fake(folder, 'kill -KILL $$'), 'nixInstantiate', []), 'out-of-memory');
  const status = await failure(runNix(fake(folder, 'echo odd >&2; exit 3'), 'nixInstantiate', []), 'crashed');
  assert.deepEqual([status.exitCode, status.stderrTail], [3, 'odd']);
});

test('a program that is absent is named', async () => {
  using folder = new NixFolder({});
  const nix = fake(folder, '');
  await failure(runNix(nix, 'nix', []), 'missing-command');
  const gone = { ...nix, commands: { ...nix.commands, nixInstantiate: folder.file('absent') } };
  await failure(runNix(gone, 'nixInstantiate', []), 'missing-command');
});

test('stdin is closed, arguments are no shell words', async () => {
  using folder = new NixFolder({});
  const nix = fake(folder, 'cat; for argument; do echo "<$argument>"; done');
  const { stdout } = await runNix(nix, 'nixInstantiate', ['$(echo no)', '; rm x', 'a b']);
  assert.deepEqual(stdout.trim().split('\n').slice(2), ['<$(echo no)>', '<; rm x>', '<a b>']);
});

test('nothing starts for a caller that has gone', async () => {
  using folder = new NixFolder({});
  const nix = fake(folder, `: > '${folder.file('started')}'`);
  await failure(runNix(nix, 'nixInstantiate', [], { signal: AbortSignal.abort() }), 'aborted');
  assert.ok(!existsSync(folder.file('started')));
});

for (const [way, signal] of [
  ['ends', undefined],
  ['is terminated', 'SIGTERM'],
] as const) {
  test(`when the server ${way}, its runs end too`, async () => {
    const mark = randomUUID();
    const [{ directory } = { directory: '' }] = nixVersions();
    const source = (name: string) => JSON.stringify(join(import.meta.dirname, '../../server/src/nix', name));
    const program = `
      import { findNix } from ${source('installation.ts')};
      import { runNix } from ${source('runNix.ts')};
      const nix = await findNix({ directory: ${JSON.stringify(directory)} });
      const onMessage = () => { console.log('started'); ${signal ? '' : 'process.exit(0);'} };
      runNix(nix, 'nixInstantiate', ['--eval', '--expr', ${JSON.stringify(neverEnds)}], { onMessage });
    `;
    const server = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      env: { ...process.env, NIX_LENS_TEST: mark },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(server, 'exit');
    await once(server.stdout, 'data');
    if (signal) server.kill(signal);
    await exit;
    await until('its runs end', () => processesWith(mark).length === 0);
  });
}

test('traces without end take no memory without end', async () => {
  const [{ directory } = { directory: '' }] = nixVersions();
  const source = (name: string) => JSON.stringify(join(import.meta.dirname, '../../server/src/nix', name));
  const shouts = `builtins.foldl' (a: n: builtins.trace "again" n) 0 (builtins.genList (x: x) 3000000)`;
  const program = `
    import { findNix } from ${source('installation.ts')};
    import { runNix } from ${source('runNix.ts')};
    const nix = await findNix({ directory: ${JSON.stringify(directory)} });
    const options = { outputLimitMiB: 12, logFormat: 'raw', reportMark: 'never said' };
    await runNix(nix, 'nixInstantiate', ['--eval', '--expr', ${JSON.stringify(shouts)}], options).then(
      () => console.log('a value'),
      ({ reason }) => console.log(reason),
    );
  `;
  // A million lines: each would be an object of some 100 bytes.
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=48', '--input-type=module', '--eval', program],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  await once(child, 'close');
  assert.equal(printed, 'too-much-output\n');
});
