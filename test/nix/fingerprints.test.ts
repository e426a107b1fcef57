import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fingerprintsOf, type Fingerprint } from '../../server/src/output/fingerprints.ts';
import { testParser } from '../support/parser.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

const text = `{ set }:
let
  other = 1;
  mac = import set { };
in
(import set { system = "x86_64-linux"; }).buildEnv {
  name = "app";
  paths = [ mac.jq mac.vim ];
}`;

async function fingerprints(source: string, as = 'x86_64-darwin'): Promise<Fingerprint[]> {
  await using workspace = await openWorkspace({ files: { 'default.nix': source } }, { as });
  const report = expectReport(await workspace.evaluator.run(workspace.request, workspace.options));
  const found = [...fingerprintsOf(report, await testParser(), workspace.root).values()];
  return found.sort((one, other) => (one.input < other.input ? -1 : 1));
}

const hashes = (found: readonly Fingerprint[]): string[] => found.map(({ hash }) => hash);

describe('fingerprints', () => {
  test('each says what it is made of, and no two are the same', async () => {
    const found = await fingerprints(text);
    assert.deepEqual(
      found.map(({ file, within, text: expression, input }) => [file, within, expression, input]),
      [
        ['default.nix', 'paths', 'mac.jq', 'jq'],
        ['default.nix', 'paths', 'mac.vim', 'vim'],
      ],
    );
    assert.equal(new Set(hashes(found)).size, 2);
  });

  for (const [name, changed] of [
    ['lines move', `# one\n# two\n\n${text}`],
    ['another binding is renamed', text.replace('other', 'another')],
    ['white space changes', text.replace('[ mac.jq mac.vim ]', '[\n    mac.jq\n\n    mac.vim\n  ]')],
    [
      'an element comes before it',
      text.replace('[ mac.jq', '[ (import set { system = "x86_64-linux"; }).hello mac.jq'),
    ],
  ] as const) {
    test(`they stay where ${name}`, async () => {
      assert.deepEqual(hashes(await fingerprints(changed)), hashes(await fingerprints(text)));
    });
  }

  test('they stay where it is evaluated as another system', async () => {
    assert.deepEqual(hashes(await fingerprints(text, 'aarch64-darwin')), hashes(await fingerprints(text)));
  });

  test('another expression has another one, and so has its second place', async () => {
    const before = hashes(await fingerprints(text));
    const [jq] = await fingerprints(text.replace('mac.jq', '(import set { }).jq'));
    assert.ok(jq && !before.includes(jq.hash));
  });

  test('text that is hostile is kept on one line', async () => {
    const hostile = text.replace('mac.jq', '(assert "--> \\" \\u0000 |" != ""; # %0A\n  mac.jq)');
    const [jq] = await fingerprints(hostile);
    assert.ok(jq);
    assert.doesNotMatch(jq.text, /\n/);
  });
});
