import { isAbsolute, join } from 'node:path';

import { readTextFile } from '../files/regularFile.ts';
import { splitAttributePath } from '../model/attributePath.ts';
import type { EvaluationArguments } from '../model/target.ts';
import type { System } from '../model/system.ts';
import { evaluationArguments } from './evaluate.ts';
import type { EvaluateOptions } from './evaluate.ts';
import { NixFailure } from './failure.ts';
import { localFlakeSource } from './flakeSource.ts';
import { flakeFeatures, flakeMetadata, noFlakeConfig } from './flakeMetadata.ts';
import { findRepository, flakeReference } from './flakeReference.ts';
import { isAtLeast } from './installation.ts';
import type { NixInstallation } from './installation.ts';
import { hiveNodes } from './machines.ts';
import { moveErrors } from './moveErrors.ts';
import { nixString } from './nixString.ts';
import { runNix } from './runNix.ts';

/** An output of a flake, as the `nix` command takes it. */
export interface FlakeEvaluation {
  /** What stands before `#`: an absolute path or a flake reference. */
  readonly flake: string;
  /** What stands behind it; empty for the default package. */
  readonly attribute: string;
  readonly arguments: EvaluationArguments;
}

/**
 * From a flake's output to the root derivation's store path: a derivation is
 * its own root; a NixOS or nix-darwin configuration has its system; a Home
 * Manager configuration its activation package; an app the derivation that its
 * program lies in; a deploy-rs node the system profile.
 */
const rootOfOutput = `
  value:
    let
      programs = builtins.filter
        (path: builtins.match ".*[.]drv" path != null)
        (builtins.attrNames (builtins.getContext value.program));
    in
    if value ? drvPath then value.drvPath
    else if value ? config.system.build.toplevel.drvPath then value.config.system.build.toplevel.drvPath
    else if value ? activationPackage.drvPath then value.activationPackage.drvPath
    else if value ? system.drvPath then value.system.drvPath
    else if value ? profiles.system.path.drvPath then value.profiles.system.path.drvPath
    else if value ? program && programs != [ ] then builtins.head programs
    else throw ("the flake's output is no derivation and no configuration that has one, but "
      + (if builtins.isAttrs value
         then "a set with the attributes " + builtins.concatStringsSep ", " (builtins.attrNames value)
         else "a value of type " + builtins.typeOf value))
`;

/**
 * Evaluates a flake's output and writes its derivations to the store. Nothing is
 * written into the workspace: a lock file that is missing or out of date is
 * completed in memory.
 *
 * @returns the root derivation's store path
 * @throws NixFailure
 */
export async function instantiateFlake(
  nix: NixInstallation,
  evaluation: FlakeEvaluation,
  options: EvaluateOptions = {},
): Promise<string> {
  const { attribute, root } = selectOutput(evaluation.attribute);
  const installable = `${await flakeReference(evaluation.flake, nix.version)}#${fragment(attribute, nix.version)}`;
  const args = [
    ...['eval', '--raw', '--no-write-lock-file', ...flakeFeatures],
    // The cache has no positions for an error that it remembers.
    ...['--option', 'eval-cache', 'false'],
    ...evaluationArguments({ ...evaluation.arguments, arg: [], argstr: [] }, options),
    ...noFlakeConfig,
    ...['--apply', root, installable],
  ];
  try {
    const { stdout } = await runNix(nix, 'nix', args, options);
    const drvPath = stdout.trim();
    if (drvPath.endsWith('.drv')) return drvPath;
    throw new NixFailure('crashed', `Nix printed no derivation: ${drvPath.slice(0, 200)}`);
  } catch (error) {
    throw error instanceof NixFailure ? await locate(error, nix, evaluation, options) : error;
  }
}

/**
 * Which output to take of a flake, and the function from its value to the
 * root: a node of a raw colmena hive is no value of the flake, but made of it.
 */
export function selectOutput(attribute: string): { readonly attribute: string; readonly root: string } {
  const [kind, node, ...more] = splitAttributePath(attribute.replace(/^\./, ''));
  if (kind !== 'colmena' || node === undefined || more.length > 0) return { attribute, root: rootOfOutput };
  return {
    attribute: '.colmena',
    root: `hive: (${rootOfOutput}) (((${hiveNodes}) hive null).${nixString(node)})`,
  };
}

/** Nix decodes percent signs in what follows `#`; a leading dot, "from the top", is known since 2.19. */
function fragment(attribute: string, version: string): string {
  const path = isAtLeast(version, 2, 19) ? attribute : attribute.replace(/^\./, '');
  return path.replace(/[^A-Za-z0-9._~'"-]/g, (character) => encodeURIComponent(character));
}

/** Nix before 2.27 or so names files of a local flake by their copy in the store: name the user's own instead. */
async function locate(
  failure: NixFailure,
  nix: NixInstallation,
  { flake, arguments: given }: FlakeEvaluation,
  options: EvaluateOptions,
): Promise<NixFailure> {
  if (!failure.errors.some(({ fullText }) => fullText.includes('/store/'))) return failure;
  try {
    const metadata = await flakeMetadata(nix, flake, { ...options, arguments: given });
    const local = localFlakeSource(metadata);
    return local === undefined ? failure : moveErrors(failure, metadata.path, local.root);
  } catch (error) {
    if (!(error instanceof NixFailure)) throw error;
    // flake.nix itself cannot be read, so that nothing tells of the flake.
    return isAbsolute(flake) ? moveToSameText(failure, flake) : failure;
  }
}

/** Moves the errors out of the store where a file of the flake has the text of the one that they lie in. */
async function moveToSameText(failure: NixFailure, flake: string): Promise<NixFailure> {
  const file = failure.errors.at(-1)?.position?.file ?? '';
  const [, source, path] = /^(.*\/store\/[^/]+)\/(.+)$/.exec(file) ?? [];
  if (source === undefined || path === undefined) return failure;
  for (const root of [flake, await findRepository(flake)])
    if (root !== undefined && (await haveSameText(file, join(root, path))))
      return moveErrors(failure, source, root);
  return failure;
}

async function haveSameText(one: string, other: string): Promise<boolean> {
  try {
    const [text, otherText] = await Promise.all([readTextFile(one), readTextFile(other)]);
    return text === otherText;
  } catch {
    // One of them is not there.
    return false;
  }
}

/**
 * The attribute paths that an attribute behind `#` may mean, in the order in
 * which Nix tries them (Nix manual, `nix`, "Flake output attribute").
 *
 * @param system the one that is evaluated as
 */
export function flakeAttributePaths(attribute: string, system: System): string[][] {
  if (attribute === '') {
    return [
      ['packages', system, 'default'],
      ['defaultPackage', system],
    ];
  }
  const absolute = attribute.startsWith('.');
  const path = splitAttributePath(absolute ? attribute.slice(1) : attribute);
  return absolute ? [path] : [['packages', system, ...path], ['legacyPackages', system, ...path], path];
}
