import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { NixFolder } from '../support/nixFolder.ts';
import { until } from '../support/nixProcesses.ts';

const watchdog = pathToFileURL(join(import.meta.dirname, '../../server/src/nix/process/watchdog.ts')).href;

test('what ends Nix after a crash starts no program of the repository', async () => {
  using folder = new NixFolder({}, 'npl-watchdog-');
  const temporary = folder.file('temporary');
  folder.write('temporary/file', '');
  const trap = folder.file('trapped');
  for (const name of ['rm', 'sleep'])
    folder.write(`repository/${name}`, `#!/bin/sh\necho ${name} > ${trap}\n`, 0o755);
  const script = `
    const { guard } = await import(${JSON.stringify(watchdog)});
    guard('directory', ${JSON.stringify(temporary)});
    console.log('guarded');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder.file('repository'),
    // An empty entry is the folder that a program runs in.
    env: { ...process.env, PATH: `:${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await until('the folder is gone', () => !existsSync(temporary) || existsSync(trap));
  assert.equal(existsSync(trap), false);
  assert.equal(existsSync(temporary), false);
});
