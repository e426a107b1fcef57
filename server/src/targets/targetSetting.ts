import { isAbsolute, resolve } from 'node:path';
import * as z from 'zod';

import { isSystem } from '../model/system.ts';
import type { Composition, EvaluationArguments, EvaluationTarget } from '../model/target.ts';
import { allowedOptionsSchema, refusedOption } from '../permissions/workspaceOptions.ts';

const systems = ['x86_64-linux', 'aarch64-linux', 'x86_64-darwin', 'aarch64-darwin'];

/** A system that somebody named, in a setting, a file or a request. */
export const systemName = z
  .string()
  .refine(isSystem, 'not a system such as "x86_64-linux"')
  .meta({ examples: systems });

/** The systems that targets are evaluated as; left out: this machine's. */
export const systemNames = z.array(systemName).min(1);

const compositions = {
  callPackage: 'call-package',
  nixos: 'nixos',
  nixops: 'nixops',
  colmena: 'colmena',
  homeManager: 'home-manager',
  darwin: 'darwin',
} as const satisfies Record<string, Composition>;

const kinds = ['file', 'flake', 'expression', ...recordKeys(compositions)] as const;

const path = (what: string, ...examples: string[]) =>
  z.string().min(1).optional().meta({ description: what, examples });
const strings = (what: string) => z.record(z.string(), z.string()).default({}).describe(what);

const fields = z.strictObject({
  file: path(
    'A Nix file, or a search path such as <nixpkgs/nixos>.',
    'release.nix',
    'default.nix',
    'shell.nix',
  ),
  flake: path('What stands before the # of an installable.', '.'),
  expression: path('A Nix expression. Relative paths in it start at the folder.', 'import ./release.nix { }'),
  callPackage: path('A package file, which the callPackage of nixpkgs calls.', 'package.nix'),
  nixos: path('A NixOS configuration.', 'configuration.nix'),
  nixops: path('A NixOps network; needs a machine.', 'network.nix'),
  colmena: path('A colmena hive; needs a machine.', 'hive.nix'),
  homeManager: path('A Home Manager configuration.', 'home.nix'),
  darwin: path('A nix-darwin configuration.', 'darwin-configuration.nix'),
  attribute: z
    .string()
    .default('')
    .meta({
      description:
        'Attribute path of a file, a flake or an expression. Empty: the value itself, or the flake’s default package.',
      examples: ['build.x86_64-linux', 'nixosConfigurations.web'],
    }),
  machine: path('The machine of a NixOps network, or the node of a colmena hive.', 'web'),
  nixpkgs: path(
    'How nixpkgs is named, as a Nix expression, where the target needs one. Left out: <nixpkgs>.',
    '<nixpkgs>',
    '(import ./npins).nixpkgs',
  ),
  source: path(
    'How the source of Home Manager or nix-darwin is named, as a Nix expression.',
    '<home-manager>',
    '<darwin>',
  ),
  arg: strings('--arg: names and Nix expressions.'),
  argstr: strings('--argstr: names and strings.'),
  include: z
    .array(z.string())
    .default([])
    .meta({ description: '-I: search paths.', examples: [['nixpkgs=./nixpkgs']] }),
  option: strings('--option: names and values of Nix settings.'),
  evaluateAs: systemNames
    .optional()
    .describe('The systems that this target is evaluated as, instead of those of the whole list.'),
  expect: systemName
    .optional()
    .describe(
      'Where the outputs are meant to run. Left out: what the attribute path, an image or a machine says of itself.',
    ),
});

/** What a target needs besides the type of each field. */
function requireOneKind(setting: z.output<typeof fields>, context: z.core.$RefinementCtx): void {
  const named = kinds.filter((kind) => setting[kind] !== undefined);
  const [kind] = named;
  const refuse = (message: string, at: readonly string[] = []): void =>
    context.addIssue({ code: 'custom', message, path: [...at] });
  if (kind === undefined || named.length > 1) {
    const list = kinds.map((name) => `\`${name}\``).join(', ');
    refuse(`a target has exactly one of ${list}; this one has ${named.join(' and ') || 'none'}`);
    return;
  }
  const hasMachine = kind === 'nixops' || kind === 'colmena';
  if (hasMachine && setting.machine === undefined) refuse(`\`${kind}\` needs a \`machine\``);
  if (!hasMachine && setting.machine !== undefined)
    refuse('only `nixops` and `colmena` have a `machine`', ['machine']);
  const isComposed = kind in compositions;
  if (isComposed && setting.attribute !== '')
    refuse('only `file`, `flake` and `expression` have an `attribute`', ['attribute']);
  if (!isComposed && setting.nixpkgs !== undefined)
    refuse(`\`${kind}\` does not take \`nixpkgs\`: give it as an argument`, ['nixpkgs']);
  if (setting.source !== undefined && kind !== 'homeManager' && kind !== 'darwin')
    refuse('only `homeManager` and `darwin` have a `source`', ['source']);
  // Nix would read it as one of its own flags.
  if (setting.flake?.startsWith('-') === true)
    refuse('a flake reference does not begin with a dash', ['flake']);
}

const oneKind = { oneOf: kinds.map((kind) => ({ required: [kind] })) };

/**
 * One target as a person writes it in their own settings; names and values of
 * arguments as `nix-instantiate` takes them.
 */
export const targetSetting = fields.superRefine(requireOneKind).meta(oneKind);

/** One target as a repository's files may write it: in the target file, and in a workspace's own settings. */
export const workspaceTargetSetting = fields
  .extend({
    option: fields.shape.option
      .superRefine((options, context) => {
        for (const [name, value] of Object.entries(options)) {
          const refused = refusedOption(name, value);
          if (refused !== undefined) context.addIssue({ code: 'custom', message: refused, path: [name] });
        }
      })
      .meta(allowedOptionsSchema),
  })
  .superRefine(requireOneKind)
  .meta(oneKind);

export type TargetSetting = z.output<typeof targetSetting>;

/**
 * The target that a person's entry names.
 *
 * @param directory where relative paths start
 */
export function targetOfSetting(setting: TargetSetting, directory: string): EvaluationTarget {
  const { attribute } = setting;
  const given: EvaluationArguments = {
    arg: Object.entries(setting.arg),
    argstr: Object.entries(setting.argstr),
    include: setting.include,
    option: Object.entries(setting.option),
  };
  const absolute = (file: string): string => (isAbsolute(file) ? file : resolve(directory, file));
  if (setting.flake !== undefined) {
    const flake = /^\.{1,2}(\/|$)/.test(setting.flake) ? absolute(setting.flake) : setting.flake;
    return { kind: 'flake', flake, attribute, arguments: given };
  }
  if (setting.expression !== undefined)
    return { kind: 'expression', expression: setting.expression, directory, attribute, arguments: given };
  for (const kind of recordKeys(compositions)) {
    const file = setting[kind];
    if (file === undefined) continue;
    return {
      kind: 'composed',
      composition: compositions[kind],
      file: absolute(file),
      member: setting.machine ?? '',
      packageSet: setting.nixpkgs ?? '<nixpkgs>',
      ...(setting.source === undefined ? {} : { source: setting.source }),
      arguments: given,
    };
  }
  const file = setting.file ?? 'default.nix';
  return { kind: 'file', file: file.startsWith('<') ? file : absolute(file), attribute, arguments: given };
}

/** The field of an entry that names the file of a composition. */
export function settingOfComposition(composition: Composition): keyof typeof compositions {
  return recordKeys(compositions).find((kind) => compositions[kind] === composition) ?? 'callPackage';
}

/** What people choose the target by. */
export function labelOfSetting(setting: TargetSetting): string {
  const named = kinds.map((kind) => setting[kind]).find((value) => value !== undefined);
  return [named, setting.machine, setting.attribute].filter(Boolean).join(' · ');
}

function recordKeys<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  const keys: Key[] = [];
  for (const key in record) keys.push(key);
  return keys;
}
