import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';

import { NixFailure } from '../../server/src/nix/failure.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import { WarmNix, type WarmOptions } from '../../server/src/nix/warm/warmNix.ts';
import { processesWith, until } from '../support/nixProcesses.ts';
import { nixVersions } from '../support/nixVersions.ts';

const endless =
  "let go = n: if n < 0 then n else go (n + 1); in builtins.foldl' (a: b: builtins.seq (builtins.foldl' (x: y: x + y) 0 (builtins.genList (i: i) 100000)) a) 0 (builtins.genList (i: i) 1000000)";

function isFailure(reason: NixFailure['reason'], text = /./) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof NixFailure, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, text);
    return true;
  };
}

/** Hundredths of a second for which a process has computed. */
function ticksOf(id: number): number {
  return Number(readFileSync(`/proc/${id}/stat`, 'utf8').split(' ')[13]);
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    // There is no such process.
    return false;
  }
}

for (const { version, directory } of nixVersions()) {
  describe(`a warm Nix ${version}`, () => {
    const start = async (options: Partial<WarmOptions> = {}): Promise<WarmNix> =>
      new WarmNix(await findNix({ directory }), { cwd: tmpdir(), ...options });

    test('answers with any text unchanged', async () => {
      await using warm = await start();
      const texts = [
        'tab\there',
        'line\nbreak\r\n',
        "quote \" '' ${x} \\",
        '\u001b[31mred\u001b[0m',
        '@nix {"action":"msg","level":0,"msg":"trace: x"}',
        'trace: error: \u0007 nix-repl> ünïcödé 🦉',
        'x'.repeat(1_000_000),
      ];
      for (const text of texts) {
        const quoted = JSON.stringify(JSON.stringify(text)).replaceAll('$', '\\$');
        assert.equal(await warm.query(`builtins.fromJSON ${quoted}`), text);
      }
      assert.equal(await warm.query("# a comment\n\t''in\tdented'' # at the end"), 'in\tdented');
    });

    test("keeps one query's output from the next one's", async () => {
      await using warm = await start();
      const ask = (n: number): Promise<unknown> =>
        warm.query(`builtins.trace "user\\ntrace \${toString ${n}}" ${n}`);
      const numbers = Array.from({ length: 50 }, (_, n) => n);
      assert.deepEqual(await Promise.all(numbers.map(ask)), numbers);
    });

    test('tells errors without ending', async () => {
      await using warm = await start({ evaluateAs: 'x86_64-darwin' });
      await warm.query('1');
      const id = warm.processId;
      await assert.rejects(warm.query('throw "boo\\nbar"'), isFailure('evaluation', /^boo\nbar$/));
      await assert.rejects(warm.query('{ a = 1; }.b'), isFailure('evaluation', /^attribute 'b' missing$/));
      await assert.rejects(warm.query('1 + ]'), isFailure('evaluation', /^syntax error/));
      await assert.rejects(warm.query('abort "x"'), isFailure('evaluation', /aborted.*'x'/));
      const built = 'derivation { name = "x"; system = "x"; builder = "/bin/sh"; }';
      await assert.rejects(warm.query(`import (${built})`), isFailure('evaluation', /allow-import-from/));
      assert.equal(await warm.query('builtins.currentSystem'), 'x86_64-darwin');
      assert.equal(warm.processId, id);
    });

    test('keeps what it has evaluated until a file that it read changes', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'npl-warm-'));
      const file = join(folder, 'a.nix');
      await writeFile(file, '1');
      await using warm = await start();
      assert.equal(await warm.query(`import ${file}`), 1);
      const id = warm.processId;
      await writeFile(file, '2');
      warm.fileChanged(join(folder, 'other.nix'));
      assert.equal(await warm.query(`import ${file}`), 1);
      assert.equal(warm.processId, id);
      warm.fileChanged(file);
      assert.equal(await warm.query(`import ${file}`), 2);
      await rm(folder, { recursive: true });
    });

    test('starts again after its death, and after it has grown too large', async () => {
      await using warm = await start({ memoryLimitMiB: 150 });
      await warm.query('1');
      const first = warm.processId;
      assert.ok(first !== undefined);
      process.kill(first, 'SIGKILL');
      await until('it has ended', () => !isAlive(first));
      await until('that was seen', () => warm.processId === undefined);
      assert.equal(await warm.query('2'), 2);
      const second = warm.processId;
      const large = 'builtins.length (builtins.deepSeq (builtins.genList (i: { a = i; }) 2000000) [ ])';
      // The collector of some versions ends a process that may not grow without a word.
      await warm.query(large).catch((error: unknown) => {
        assert.ok(
          error instanceof NixFailure && /^(out-of-memory|crashed)$/.test(error.reason),
          String(error),
        );
      });
      assert.equal(await warm.query('3'), 3);
      assert.notEqual(warm.processId, second);
    });

    test('an endless recursion fails its query alone', async () => {
      await using warm = await start();
      const deep = warm.query('let f = x: 1 + f x; in f 1', { timeoutMs: 60_000 });
      const next = warm.query('4');
      await assert.rejects(deep, isFailure('evaluation', /overflow|max-call-depth/));
      assert.equal(await next, 4);
    });

    test('a query that is cancelled or takes too long ends with all processes, and the next one is answered', async () => {
      await using warm = await start();
      await warm.query('1');
      const id = warm.processId;
      assert.ok(id !== undefined);
      const controller = new AbortController();
      const busy = warm.query(endless, { signal: controller.signal, timeoutMs: 60_000 });
      const queued = warm.query('5', { signal: controller.signal });
      const next = warm.query('6');
      const before = ticksOf(id);
      await until('it is busy', () => ticksOf(id) > before + 5);
      controller.abort();
      await assert.rejects(busy, isFailure('aborted'));
      await assert.rejects(queued, isFailure('aborted'));
      await until('it has ended', () => !isAlive(id));
      assert.equal(await next, 6);
      await assert.rejects(warm.query(endless, { timeoutMs: 50 }), isFailure('timeout'));
      assert.equal(await warm.query('7'), 7);
    });

    test('a file that could not be written is written again', async () => {
      await using warm = await start();
      const folder = dirname(await warm.define('1'));
      await rm(folder, { recursive: true });
      await assert.rejects(warm.define('2'), { code: 'ENOENT' });
      await mkdir(folder);
      assert.equal(readFileSync(await warm.define('2'), 'utf8'), '2');
    });

    test('ends when nobody asks', async () => {
      await using warm = await start({ idleMs: 1 });
      await warm.query('1');
      await until('it has ended', () => warm.processId === undefined);
      assert.equal(await warm.query('8'), 8);
    });

    for (const [state, expression] of [
      ['idle', '1'],
      ['busy', endless],
    ] as const) {
      test(`ends with a server that is killed while Nix is ${state}`, async () => {
        // A shell drops names that have a dot.
        const mark = `NPL_WARM_${state}_${process.pid}_${version.replaceAll('.', '_')}`;
        const script = `
          import { findNix } from ${JSON.stringify(join(import.meta.dirname, '../../server/src/nix/installation.ts'))};
          import { WarmNix } from ${JSON.stringify(join(import.meta.dirname, '../../server/src/nix/warm/warmNix.ts'))};
          const warm = new WarmNix(await findNix({ directory: ${JSON.stringify(directory)} }), { cwd: '/' });
          await warm.query('1');
          console.log(warm.processId);
          void warm.query(${JSON.stringify(expression)}, { timeoutMs: 1e9 }).then(() => console.log('idle'));
          setInterval(() => {}, 1000);
        `;
        const server = spawn(process.execPath, ['--input-type=module', '-e', script], {
          env: { ...process.env, [mark]: '1' },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
        const id = Number((await lines.next()).value);
        const before = ticksOf(id);
        if (state === 'idle') await lines.next();
        else await until('it is busy', () => ticksOf(id) > before + 5);
        const started = processesWith(mark).length;
        server.kill('SIGKILL');
        assert.equal(started, 3, 'the server, Nix and the watchdog');
        await until('all have ended', () => processesWith(mark).length === 0);
      });
    }
  });
}
