import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver/node';

import { jsonReportSchema } from '../../server/src/output/jsonSchemas.ts';
import { methods, type ClosureChildrenResult, type ClosureNode } from '../../server/src/protocol.ts';
import { runCommand } from '../support/command.ts';
import { Editor } from './support/editor.ts';
import { makeWorkspace, type TestWorkspace } from './support/workspace.ts';

/** Lies outside the folder: what is wrong in it has no expression there. */
const packages = `{ system }:
let
  make = system: name: buildInputs: derivation {
    inherit name system buildInputs;
    builder = "/bin/sh";
  };
  package = make system;
  mac = make "x86_64-darwin";
  shared = package "shared" [ ];
in
{
  inherit make;
  # Through "app" come two inputs, with three and two derivations.
  app = package "app" [
    (mac "editor" [ (mac "editor-fonts" [ ]) (mac "editor-icons" [ ]) ])
    (mac "shell" [ (mac "shell-manual" [ ]) ])
  ];
  jq = package "jq" [ (package "oniguruma" [ ]) shared ];
  vim = package "vim" [ shared ];
  git = package "git" [ (package "curl" [ ]) (package "pcre" [ ]) ];
}
`;

/** One cause gives an error and a warning; another one cannot be told. */
const release = `let
  linux = import ../packages.nix { system = "x86_64-linux"; };
  mac = import ../packages.nix { system = "x86_64-darwin"; };
in
{
  root = derivation {
    name = "root";
    system = "x86_64-linux";
    builder = "/bin/sh";
    buildInputs = [ linux.app mac.jq mac.vim ];
    note = "\${mac.git}";
  };
}
`;

const rules = { 'plain-reference': 'warning' };
/** What comes in through \`app\`, and what leaves when \`mac\` is made right. */
const [ofApp, ofMac] = [5, 7];

/** The numbers that a text says are brought in, in order. */
function numbersIn(text: string): number[] {
  return [...text.matchAll(/brings?(?: in)? (\d+) (?:darwin-built|foreign) derivations/g)].map(([, number]) =>
    Number(number),
  );
}

describe('what a finding brings in is one number', () => {
  let workspace: TestWorkspace;
  let editor: Editor;
  let root: string;
  let file: string;

  before(async () => {
    workspace = await makeWorkspace({ 'packages.nix': packages, 'own/release.nix': release });
    root = workspace.file('own');
    file = workspace.file('own/release.nix');
    editor = await Editor.start({ root, settings: { targets: [{ file, attribute: 'root' }], rules } });
    await editor.open(file);
    await editor.evaluated();
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  const check = async (format: string): Promise<string> => {
    const { stdout, stderr } = await runCommand(
      [
        ...['check', '-f', 'release.nix', '-A', 'root', '--no-fixes', '--format', format],
        ...['--rule', 'plain-reference=warning'],
      ],
      root,
    );
    assert.equal(stderr, '');
    return stdout;
  };
  const rows = async (parent: string): Promise<readonly ClosureNode[]> => {
    const { reportId } = editor.statuses.at(-1) ?? {};
    const params = { reportId, parent, offset: 0, limit: 100 };
    return (await editor.connection.sendRequest<ClosureChildrenResult>(methods.closureChildren, params))
      .nodes;
  };

  test('in the JSON: of each finding, and of each of its leaks', async () => {
    for (const report of [jsonReportSchema.parse(JSON.parse(await check('json'))), await editor.report()]) {
      const findings = report.findings.map(({ severity, leaks, bringsIn }) => ({
        severity,
        inputs: leaks.map((index) => report.leaks[index]?.input.name).sort(),
        bringsIn: [...new Set([bringsIn, ...leaks.map((index) => report.leaks[index]?.bringsIn)])],
      }));
      assert.deepEqual(findings, [
        { severity: 'error', inputs: ['jq', 'vim'], bringsIn: [ofMac] },
        { severity: 'error', inputs: ['editor', 'shell'], bringsIn: [ofApp] },
        { severity: 'warning', inputs: ['git'], bringsIn: [ofMac] },
      ]);
    }
  });

  for (const format of ['text', 'markdown', 'sarif', 'github']) {
    test(`in ${format}`, async () => {
      assert.deepEqual(numbersIn(await check(format)), [ofMac, ofApp, ofMac]);
    });
  }

  test('in the diagnostics, and how many other inputs belong to it', async () => {
    const found = await editor.someDiagnostics(file);
    const at = (text: string): Diagnostic | undefined =>
      found.find(({ range }) => JSON.stringify(range) === JSON.stringify(editor.rangeOf(file, text)));
    const messages = ['linux.app', 'mac.jq', 'mac.vim', 'mac.git'].map((text) => {
      const message = at(text)?.message;
      assert.ok(typeof message === 'string', text);
      return message;
    });
    assert.deepEqual(messages.map(numbersIn), [[ofApp], [ofMac], [ofMac], [ofMac]]);
    const [app = '', ...ofOneCause] = messages;
    assert.match(app, /\(2 inputs: editor, shell\)/);
    for (const message of ofOneCause) assert.match(message, /, with 2 other inputs of the same cause,/);
  });

  test('in the rows of the closure tree', async () => {
    const told = (await rows('leaks')).map(({ label, description }) => `${label}: ${description}`);
    assert.deepEqual(told.sort(), [
      `editor: x86_64-darwin · the 2 inputs of this place together bring in ${ofApp} darwin-built derivations`,
      `git: x86_64-darwin · the 3 inputs of this cause together bring in ${ofMac} darwin-built derivations`,
      `jq: x86_64-darwin · the 3 inputs of this cause together bring in ${ofMac} darwin-built derivations`,
      `shell: x86_64-darwin · the 2 inputs of this place together bring in ${ofApp} darwin-built derivations`,
      `vim: x86_64-darwin · the 3 inputs of this cause together bring in ${ofMac} darwin-built derivations`,
    ]);
  });

  test('and all of them together are what the status and the lens count', async () => {
    const all = `${ofApp + ofMac} darwin-built through 5 inputs`;
    assert.ok(editor.statuses.at(-1)?.message?.includes(all), editor.statuses.at(-1)?.message);
    const titles = (await editor.codeLenses(file)).map(({ command }) => command?.title ?? '');
    assert.ok(
      titles.some((title) => title.includes(all)),
      titles.join('\n'),
    );
  });

  test('a hover says what a finding says, and no number of its own', async () => {
    const hover = JSON.stringify(await editor.hover(file, 'mac.jq', 4));
    assert.match(hover, /Cause: /);
    assert.deepEqual(numbersIn(hover), []);
  });
});
