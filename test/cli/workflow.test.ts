import assert from 'node:assert/strict';
import { execa } from 'execa';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import * as z from 'zod';
import { parseSarif } from '../support/sarifSchema.ts';

const repository = join(import.meta.dirname, '..', '..');

const workflow = z.object({
  name: z.string(),
  on: z.array(z.enum(['push', 'pull_request'])),
  permissions: z.record(z.string(), z.enum(['read', 'write'])),
  jobs: z.record(
    z.string(),
    z.object({
      'runs-on': z.string(),
      steps: z.array(
        z.object({
          uses: z.string().optional(),
          run: z.string().optional(),
          with: z.record(z.string(), z.unknown()).optional(),
        }),
      ),
    }),
  ),
});

test('the commands of the example workflow do what it says, in a shell as on a runner', async () => {
  const text = await readFile(join(repository, 'example', 'github-workflow.yml'), 'utf8');
  const { jobs, permissions } = workflow.parse(load(text));
  assert.equal(permissions['security-events'], 'write', 'code scanning needs it');
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const commands = steps.flatMap(({ run }) => (run?.startsWith('nix-platform-lens ') === true ? run : []));
  const [command, ...others] = commands;
  assert.ok(command !== undefined && others.length === 0);

  const directory = await mkdtemp(join(tmpdir(), 'npl-workflow-'));
  try {
    const [checkout, bin, summary] = ['checkout', 'bin', 'summary.md'].map((name) => join(directory, name));
    assert.ok(checkout !== undefined && bin !== undefined && summary !== undefined);
    await cp(join(repository, 'example'), checkout, { recursive: true });
    await mkdir(join(checkout, '.git'));
    await mkdir(bin);
    await symlink(join(repository, 'dist', 'cli.js'), join(bin, 'nix-platform-lens'));
    await writeFile(summary, '');
    const { exitCode, stdout, stderr } = await execa('bash', ['-e', '-c', command], {
      cwd: checkout,
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, GITHUB_STEP_SUMMARY: summary },
      reject: false,
    });
    assert.equal(exitCode, 1, stderr);
    assert.match(stdout, /^::error file=release\.nix,line=19/m);
    const upload = steps.find(({ uses }) => uses?.includes('upload-sarif') === true);
    const sarif = parseSarif(await readFile(join(checkout, String(upload?.with?.['sarif_file'])), 'utf8'));
    assert.ok(sarif.runs[0]?.results?.length);
    assert.match(await readFile(summary, 'utf8'), /^## ❌ Platforms: 1 of 2 closures clean/);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
