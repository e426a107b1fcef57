import { basename, dirname, relative } from 'node:path';
import * as z from 'zod';
import type { Composition, EvaluationTarget } from '../../model/target.ts';
import { evaluateExpression } from '../../nix/evaluate.ts';
import { findAttribute } from '../../syntax/attributePlace.ts';
import { parseSourceInSlices, rangeIn } from '../../syntax/sourceFile.ts';
import { machinesExpression, compositionParts, usualSources } from '../composition.ts';
import type { NixEnvironment } from '../../nix/nixEnvironment.ts';
import { literalMachines, type FileKind } from './classifyFile.ts';
import { findPackageSet, findPackageSetSource } from './findPackageSet.ts';
import { noArguments, type FoundTarget, type TargetSearchOptions } from './found.ts';
import type { ScannedFile } from './scanWorkspace.ts';

const titles: Readonly<Record<Composition, string>> = {
  'call-package': 'callPackage',
  nixos: 'NixOS configuration',
  nixops: 'machine of a NixOps network',
  colmena: 'node of a colmena hive',
  'home-manager': 'Home Manager configuration',
  darwin: 'nix-darwin configuration',
};

/** How a file of this kind becomes a root; undefined where it has one, or cannot have one. */
export function compositionOf(kind: FileKind): Composition | undefined {
  switch (kind) {
    case 'nixos':
    case 'nixops':
    case 'colmena':
    case 'home-manager':
    case 'darwin':
      return kind;
    case 'package':
      return 'call-package';
    case 'module':
      return 'nixos';
    case 'flake':
    case 'value':
      return undefined;
  }
}

/**
 * The roots that a composition makes of a file: one, or one for each machine.
 *
 * @param directory the workspace; it says which nixpkgs is used
 * @throws NixFailure where the machines of a network are not spelled out and cannot be listed
 */
export async function composedTargets(
  { file, text }: ScannedFile,
  composition: Composition,
  directory: string,
  environment: NixEnvironment,
  options: Pick<TargetSearchOptions, 'limits' | 'signal' | 'onText'>,
): Promise<FoundTarget[]> {
  const source = await parseSourceInSlices(file, text, environment.parser, options.signal);
  options.onText?.(file, text);
  const packageSet = await findPackageSet(directory);
  const tool = await toolOf(composition, directory);
  const name = relative(directory, file) || basename(file);
  const target = {
    kind: 'composed',
    composition,
    file,
    member: '',
    packageSet: packageSet.expression,
    ...(tool !== undefined && { source: tool }),
    arguments: noArguments,
  } as const satisfies EvaluationTarget;
  const description = `${titles[composition]}, with ${packageSet.words}`;
  if (composition !== 'nixops' && composition !== 'colmena') {
    const place = findAttribute(source, []);
    return [{ target, label: name, description, ...(place && { source: rangeIn(source, place) }) }];
  }
  const expression = `builtins.attrNames ${machinesExpression(composition, compositionParts(target))}`;
  const members =
    literalMachines(source) ??
    z.array(z.string()).parse(
      await evaluateExpression(environment.nix, expression, {
        ...options.limits,
        signal: options.signal,
        cwd: dirname(file),
      }),
    );
  return members.map((member): FoundTarget => {
    const place = findAttribute(source, [member]);
    return {
      target: { ...target, member },
      label: `${name} · ${member}`,
      description,
      ...(place && { source: rangeIn(source, place) }),
    };
  });
}

async function toolOf(composition: Composition, directory: string): Promise<string | undefined> {
  switch (composition) {
    case 'home-manager':
      return (
        (await findPackageSetSource(directory, ['home-manager']))?.expression ?? usualSources['home-manager']
      );
    case 'darwin':
      return (
        (await findPackageSetSource(directory, ['darwin', 'nix-darwin']))?.expression ?? usualSources.darwin
      );
    default:
      return undefined;
  }
}
