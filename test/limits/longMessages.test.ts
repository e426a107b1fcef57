import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { completionPlace } from '../../server/src/asking/completionPlace.ts';
import { orNone } from '../../server/src/targets/search/found.ts';
import { neededDownload } from '../../server/src/nix/downloads.ts';
import { describeFailure } from '../../server/src/nix/describeFailure.ts';
import { NixFailure } from '../../server/src/nix/failure.ts';
import { printedError } from '../../server/src/nix/messages.ts';
import { testParser } from '../support/parser.ts';

/** So long that what looks at a run again and again would not end in the time of a test. */
const length = 1_000_000;

/** Such as a repository's own `throw` can say. */
const runs = [
  '\n',
  '\r',
  ' ',
  '.',
  ':1',
  "'a",
  'a',
  'located at ',
  '… ',
  "path '",
  'in selection path ',
  "'-source/",
  'access to URI ',
];

describe('errors with long runs of the same', () => {
  for (const run of runs) {
    test(JSON.stringify(run), async () => {
      const words = run.repeat(length / run.length);
      const texts = [
        `error:${words}x`,
        `error: https://a.b/${words}x`,
        `error: '${words}x`,
        `error:\n… ${words}x`,
      ];
      for (const text of texts) {
        const error = printedError(text);
        const failure = new NixFailure('evaluation', text, {
          errors: [{ ...error, message: text }],
          isOffline: true,
          stderrTail: text,
        });
        assert.equal(describeFailure(failure, () => true).length, 1);
        neededDownload(failure);
        const problems: string[] = [];
        const { signal } = new AbortController();
        await orNone('default.nix', Promise.reject(failure), {
          signal,
          limits: { timeoutMs: 1, memoryLimitMiB: 1, allowImportFromDerivation: false },
          onProblem: (problem) => problems.push(problem),
        });
        assert.equal(problems.length, 1);
      }
    });
  }
});

test('a caret behind a very long word is looked at once', async () => {
  const text = `# ${'a'.repeat(length)} `;
  assert.equal(completionPlace('/x.nix', text, text.length, await testParser()), undefined);
});
