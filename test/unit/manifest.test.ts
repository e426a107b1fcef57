import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as z from 'zod';
import { describeRule } from '../../server/src/targets/ruleSetting.ts';
import { ruleIds, ruleLevels } from '../../server/src/model/judgement.ts';
import { clientCommands, settingNames } from '../../server/src/protocol.ts';
import { defaultSettings } from '../../server/src/snapshot/settings.ts';
import { tableOf } from '../support/markdownTable.ts';

const repository = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

const manifest = z
  .object({
    icon: z.string(),
    capabilities: z.object({
      untrustedWorkspaces: z.object({ restrictedConfigurations: z.array(z.string()) }),
    }),
    contributes: z.object({
      configuration: z.object({
        properties: z.record(
          z.string(),
          z.looseObject({
            default: z.unknown(),
            markdownDescription: z.string(),
            scope: z.string(),
            enum: z.array(z.string()).optional(),
            enumDescriptions: z.array(z.string()).optional(),
          }),
        ),
      }),
      commands: z.array(z.object({ command: z.string(), title: z.string(), category: z.string() })),
      menus: z.record(z.string(), z.array(z.object({ command: z.string(), when: z.string() }))),
      keybindings: z.array(
        z.object({ command: z.string(), args: z.object({ commands: z.array(z.string()) }).optional() }),
      ),
      languages: z.array(z.object({ configuration: z.string() })),
      grammars: z.array(z.object({ path: z.string() })),
      viewsContainers: z.record(z.string(), z.array(z.object({ icon: z.string() }))),
      walkthroughs: z.array(
        z.object({
          steps: z.array(z.object({ description: z.string(), media: z.object({ svg: z.string() }) })),
        }),
      ),
    }),
  })
  .parse(JSON.parse(read('package.json')));

const { contributes } = manifest;
const settings = contributes.configuration.properties;
const prefix = 'nixPlatformLens.';

test("the manifest's settings and their defaults are those that the server reads", () => {
  const ofServer = Object.keys(defaultSettings).map((key) => `${prefix}${key}`);
  // Read by the client's library, which writes the trace.
  assert.deepEqual(new Set(Object.keys(settings)), new Set([...ofServer, 'nixPlatformLens.trace.server']));
  for (const [key, value] of Object.entries(defaultSettings)) {
    assert.deepEqual(settings[`${prefix}${key}`]?.default, value, key);
  }
});

test('the setting of the rules offers each rule, with its levels and what it finds', () => {
  const level = z.object({ enum: z.array(z.string()), markdownDescription: z.string() });
  const { properties } = z
    .object({ properties: z.record(z.string(), level) })
    .parse(settings['nixPlatformLens.rules']);
  assert.deepEqual(Object.keys(properties), [...ruleIds]);
  for (const id of ruleIds) {
    assert.deepEqual(properties[id]?.enum, [...ruleLevels]);
    assert.equal(properties[id].markdownDescription, describeRule(id));
  }
});

test("the settings' page has the manifest's settings", () => {
  const expected = Object.entries(settings).map(([key, setting]) => {
    const choices = (setting.enum ?? []).flatMap((choice, at) => {
      const text = setting.enumDescriptions?.[at];
      return text === undefined
        ? []
        : [`\`${JSON.stringify(choice)}\`: ${text.charAt(0).toLowerCase()}${text.slice(1)}`];
    });
    return [
      `\`${key}\``,
      `\`${JSON.stringify(setting.default)}\``,
      [setting.markdownDescription, ...choices].join(' '),
    ];
  });
  assert.deepEqual(tableOf(read('docs/settings.md'), 'Setting'), expected);
});

test("the commands' page has those of the palette", () => {
  const hidden = (contributes.menus.commandPalette ?? []).filter(({ when }) => when === 'false');
  const titles = contributes.commands
    .filter(({ command }) => !hidden.some((item) => item.command === command))
    .map(({ title }) => title);
  assert.deepEqual(
    new Set(tableOf(read('docs/commands.md'), 'Command').map(([title]) => title)),
    new Set(titles),
  );
});

test('every command that is named anywhere in the manifest or the protocol exists, in one category', () => {
  const declared = new Set(contributes.commands.map(({ command }) => command));
  const named = [
    ...Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command)),
    ...contributes.keybindings
      .flatMap(({ command, args }) => args?.commands ?? [command])
      .filter((command) => command.startsWith(prefix)),
    ...[...read('package.json').matchAll(/command:(nixPlatformLens\.\w+)/g)].map((match) => match[1]),
    ...Object.values(clientCommands),
  ];
  for (const command of named) assert.ok(command !== undefined && declared.has(command), command);
  for (const { category } of contributes.commands) assert.equal(category, 'Nix Platform Lens');
});

test('every declared command is registered by the client', () => {
  const folder = join(repository, 'client', 'src');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const registered = new Set(
    [...sources.matchAll(/registerCommand\(\s*(?:'([\w.]+)'|clientCommands\.(\w+))/g)].map(
      ([, literal, name]) =>
        literal ?? Object.entries(clientCommands).find(([key]) => key === name)?.[1] ?? 'unknown',
    ),
  );
  assert.deepEqual(registered, new Set(contributes.commands.map(({ command }) => command)));
});

test('settings that may run programs or reach files are restricted in an untrusted workspace', () => {
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
  for (const key of ['nix.directory', 'targets', 'evaluation.allowImportFromDerivation']) {
    assert.ok(restricted.includes(`${prefix}${key}`), key);
  }
  for (const key of restricted) assert.ok(key in settings, key);
});

test('what runs programs, builds or eats the machine is set by no workspace', () => {
  for (const key of [
    'nix.directory',
    'evaluation.allowImportFromDerivation',
    'evaluation.memoryLimit',
    'evaluation.timeout',
  ])
    assert.equal(settings[`${prefix}${key}`]?.scope, 'machine', key);
});

test('the client tells of each setting whose it is', () => {
  assert.deepEqual(new Set<string>(settingNames), new Set(Object.keys(defaultSettings)));
});

test('every file that the manifest names is there', () => {
  const files = [
    manifest.icon,
    ...contributes.languages.map(({ configuration }) => configuration),
    ...contributes.grammars.map(({ path }) => path),
    ...Object.values(contributes.viewsContainers).flatMap((containers) => containers.map(({ icon }) => icon)),
    ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg)),
  ];
  for (const file of files) assert.ok(existsSync(join(repository, file)), file);
});
