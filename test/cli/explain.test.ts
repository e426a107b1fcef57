import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleIds } from '../../server/src/model/judgement.ts';
import { jsonRules } from '../../server/src/output/jsonSchemas.ts';
import { runCommand } from '../support/command.ts';

const explain = (...args: string[]) => runCommand(['explain', ...args], import.meta.dirname);

test('explain lists every rule, and each is explained with an example and its manual', async () => {
  const { stdout, exitCode } = await explain();
  assert.equal(exitCode, 0);
  const listed = stdout.split('\n').map((line) => line.split(' ')[0]);
  for (const id of ruleIds) assert.ok(listed.includes(id), id);
  const { stdout: json } = await explain('--format', 'json');
  const { rules } = jsonRules.parse(JSON.parse(json));
  for (const { id, meaning, bad, good, next, manual } of rules)
    for (const part of [meaning[0], bad, good, next, manual.text]) assert.ok(part, id);
});

test('one rule is told at length', async () => {
  const { stdout } = await explain('host-platform');
  assert.match(stdout, /^host-platform \(error by default\)/);
  assert.match(stdout, /^Wrong\n {4}let pkgs[^]*^Right\n {4}system: [^]*^What to do\n/m);
  assert.match(stdout, /Specifying dependencies:\nhttps:\/\/nixos\.org\/manual\/nixpkgs\//);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
});

test('what has no level to set says so, and when it is a note', async () => {
  const { stdout } = await explain('system-dependence');
  assert.match(stdout, /^system-dependence \(warning; its level cannot be set\)/);
  assert.match(stdout, /It is a warning for what is deployed,[^]*information for what follows the machine/);
});

test('the help of a command tells defaults that say something, and no others', async () => {
  const { stdout } = await runCommand(['check', '--help'], import.meta.dirname);
  assert.match(stdout, /--timeout <seconds> [^-]*\(default:\s+600\)$/m);
  assert.match(stdout, /one of text, json, sarif[^)]*;\s+default: text\)/);
  assert.doesNotMatch(stdout, /default: (?:\[\]|\{\}|false|true)/);
});

test('an unknown rule is refused, with those that there are', async () => {
  const { exitCode, stderr } = await explain('nope');
  assert.equal(exitCode, 2);
  assert.match(stderr, /there is no rule nope; the rules are build-platform, /);
});
