import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import * as z from 'zod';

const repository = join(import.meta.dirname, '../..');

const own = join(repository, '.github/workflows');
const files = [
  ...readdirSync(own).map((name) => join(own, name)),
  join(repository, 'example/github-workflow.yml'),
];

const permissions = z.record(z.string(), z.enum(['read', 'write']));
const workflow = z.object({
  permissions,
  jobs: z.record(
    z.string(),
    z.object({
      permissions: permissions.optional(),
      steps: z.array(
        z.object({ uses: z.string().optional(), run: z.string().optional(), env: z.unknown().optional() }),
      ),
    }),
  ),
});

test('every action of every workflow is named by its commit, with the version for people', () => {
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const used = text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line));
    assert.ok(used.length > 0, file);
    for (const line of used) assert.match(line, /uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, file);
  }
});

test('no job may do more than it has to, and no secret is handed to one', () => {
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    // Comments may warn of it.
    assert.doesNotMatch(text.replace(/^\s*#.*$/gm, ''), /secrets\.|pull_request_target/, file);
    // What others wrote, such as the name of a branch, never becomes part of a script.
    const { jobs } = workflow.parse(load(text));
    for (const { steps } of Object.values(jobs))
      for (const { run } of steps) assert.doesNotMatch(run ?? '', /\$\{\{/, file);
  }
  const rightsOf = (name: string): Record<string, unknown> => {
    const { permissions: all, jobs } = workflow.parse(load(readFileSync(join(own, name), 'utf8')));
    return Object.fromEntries(Object.entries(jobs).map(([job, { permissions: its }]) => [job, its ?? all]));
  };
  assert.deepEqual(rightsOf('ci.yml'), { test: { contents: 'read' } });
  assert.deepEqual(rightsOf('publish.yml'), {
    build: { contents: 'read' },
    attest: { contents: 'read', 'id-token': 'write', attestations: 'write' },
    npm: { 'id-token': 'write' },
  });
});
