import assert from 'node:assert/strict';
import { test } from 'node:test';
import MarkdownIt from 'markdown-it';
import { methods, type ClosureChildrenResult } from '../../server/src/protocol.ts';
import { Editor } from './support/editor.ts';
import { derivation, makeWorkspace } from './support/workspace.ts';

const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;
const hostile = '\u202e[x](command:workbench.action.quit) ![i](http://127.0.0.1/i) <img src=x> \u200b';

/** Strings within an answer, except what the client gives back or opens. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (typeof value !== 'object' || value === null) return [];
  const taken = new Set(['key', 'uri', 'edit', 'arguments']);
  return Object.entries(value).flatMap(([key, one]) => (taken.has(key) ? [] : stringsIn(one)));
}

function assertTame(markdown: string): void {
  const page = new MarkdownIt({ html: true }).render(markdown);
  assert.doesNotMatch(page, /<img|href="command:workbench/);
}

test('a server tells a client nothing that an editor would obey', async () => {
  const name = JSON.stringify(hostile);
  await using workspace = await makeWorkspace({
    'default.nix': `let
  tool = ${derivation('tool', JSON.stringify(`${hostile}-darwin`), 'stdenv = "/none";')};
in {
  ${name} = ${derivation('app', '"x86_64-linux"', 'stdenv = "/none"; buildInputs = [ tool ];')};
}
`,
    'shell.nix': `throw ${name}`,
  });
  await using editor = await Editor.start({
    root: workspace.root,
    settings: {},
    initializationOptions: { clientCommands: true },
  });
  const file = workspace.file('default.nix');
  await editor.open(file);
  const status = await editor.evaluated();
  assert.equal(status.state, 'done', status.message);
  assert.match(status.target ?? '', /\\u\{202e\}/);
  const diagnostics = await editor.someDiagnostics(file);
  const hover = await editor.hover(file, 'tool ]');
  const rows = await editor.connection.sendRequest<ClosureChildrenResult>(methods.closureChildren, {
    reportId: status.reportId,
    parent: 'leaks',
    offset: 0,
    limit: 10,
  });
  const [leak] = rows.nodes;
  assert.ok(leak);
  const targets = await editor.targets();
  assert.equal(targets.parts?.length, 1);
  const [first] = diagnostics;
  assert.ok(first);
  const answers: unknown[] = [
    editor.statuses,
    diagnostics,
    hover,
    rows,
    targets,
    await editor.inlayHints(file),
    await editor.codeLenses(file),
    await editor.codeActions(file, first),
    editor.information,
    editor.log,
  ];
  for (const answer of answers) for (const told of stringsIn(answer)) assert.doesNotMatch(told, unseen);
  assertTame(leak.tooltip);
  assert.ok(hover && typeof hover.contents === 'object' && 'value' in hover.contents);
  assert.match(hover.contents.value, /\\u\{202e\}/);
  assertTame(hover.contents.value);
});
