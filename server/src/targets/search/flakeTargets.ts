import { join, relative } from 'node:path';
import * as z from 'zod';
import { readTextFile } from '../../files/regularFile.ts';
import { evaluateExpression } from '../../nix/evaluate.ts';
import { withInputs } from '../../nix/fetchInputs.ts';
import { flakeMetadata } from '../../nix/flakeMetadata.ts';
import { nixString } from '../../nix/nixString.ts';
import { findAttribute } from '../../syntax/attributePlace.ts';
import { parseSourceInSlices, rangeIn } from '../../syntax/sourceFile.ts';
import type { NixEnvironment } from '../../nix/nixEnvironment.ts';
import {
  formatAttributePath,
  noArguments,
  type FoundGroup,
  type FoundTarget,
  type TargetSearchOptions,
} from './found.ts';

const attributePaths = z.array(z.array(z.string()));
const maximumOutputs = 400;

/**
 * The outputs of a flake by name, without evaluating them; `legacyPackages`,
 * which is often all of nixpkgs, is told to `onGroup`.
 *
 * @param directory labels name the flake relative to it
 * @throws NixFailure, UnlockedInputsError, MissingInputsError, or an error of the file system
 */
export async function findFlakeTargets(
  flake: string,
  directory: string,
  environment: NixEnvironment,
  options: TargetSearchOptions,
): Promise<FoundTarget[]> {
  const file = join(flake, 'flake.nix');
  // Before Nix is asked: that one would wait for a FIFO as long as it may.
  const text = await readTextFile(file);
  const source = await parseSourceInSlices(file, text, environment.parser, options.signal);
  options.onText?.(file, text);
  const value = await evaluateFlake(flake, flakeAttributes, environment, options);
  const name = relative(directory, flake);
  const reference = `${name === '' ? '.' : `./${name}`}#`;
  return attributePaths.parse(value).flatMap((path): FoundTarget[] => {
    const [kind, system, ...rest] = path;
    const attribute = formatAttributePath(path);
    if (kind === 'legacyPackages' && system !== undefined && rest.length === 0) {
      options.onGroup?.({ flake, system, label: reference + attribute });
      return [];
    }
    const place = findAttribute(source, ['outputs', ...path]);
    return [
      {
        target: { kind: 'flake', flake, attribute, arguments: noArguments },
        label: reference + attribute,
        description: descriptions[kind ?? ''] ?? 'flake output',
        ...(place ? { source: rangeIn(source, place) } : {}),
      },
    ];
  });
}

const descriptions: Readonly<Record<string, string>> = {
  deploy: 'profile that deploy-rs activates',
  colmena: 'node of the flake’s colmena hive',
  colmenaHive: 'node of the flake’s colmena hive',
};

/** Lists a flake's outputs by name (Nix manual, `nix flake check`); only of `hydraJobs` the sets are looked into. */
function flakeAttributes(url: string): string {
  return `
    let
      flake = builtins.getFlake ${nixString(url)};
      names = set:
        let seen = builtins.tryEval set; in
        if seen.success && builtins.isAttrs seen.value then builtins.attrNames seen.value else [ ];
      bySystem = kind: builtins.concatMap
        (system: map (name: [ kind system name ]) (names flake.\${kind}.\${system}))
        (names (flake.\${kind} or { }));
      direct = kind: map (name: [ kind name ]) (names (flake.\${kind} or { }));
      jobs = depth: path: value:
        let seen = builtins.tryEval value; in
        if !seen.success || !(builtins.isAttrs seen.value) then [ ]
        else if (seen.value.type or "") == "derivation" then [ path ]
        else if depth == 0 then [ ]
        else builtins.concatMap (name: jobs (depth - 1) (path ++ [ name ]) seen.value.\${name}) (builtins.attrNames seen.value);
      nodes = flake.deploy.nodes or { };
      profiles = node: map
        (profile: [ "deploy" "nodes" node "profiles" profile "path" ])
        (names (nodes.\${node}.profiles or { }));
      reserved = [ "meta" "network" "defaults" "__functor" ];
      all = direct "legacyPackages"
        ++ builtins.concatMap direct [ "nixosConfigurations" "darwinConfigurations" "homeConfigurations" ]
        ++ builtins.concatMap profiles (names nodes)
        ++ map (name: [ "colmenaHive" "nodes" name ]) (names (flake.colmenaHive.nodes or { }))
        ++ map (name: [ "colmena" name ]) (builtins.filter (name: !(builtins.elem name reserved)) (names (flake.colmena or { })))
        ++ builtins.concatMap bySystem [ "packages" "checks" "devShells" "apps" ]
        ++ builtins.concatMap direct [ "formatter" "defaultPackage" "devShell" ]
        ++ jobs 4 [ "hydraJobs" ] (flake.hydraJobs or { });
    in
    builtins.genList (builtins.elemAt all) (if builtins.length all < ${maximumOutputs} then builtins.length all else ${maximumOutputs})
  `;
}

/**
 * The names of a group's packages; their values are not evaluated.
 *
 * @throws NixFailure, UnlockedInputsError, MissingInputsError
 */
export async function listGroup(
  { flake, system }: FoundGroup,
  environment: NixEnvironment,
  options: TargetSearchOptions,
): Promise<string[]> {
  const attributes = (url: string): string =>
    `builtins.attrNames (builtins.getFlake ${nixString(url)}).legacyPackages.${nixString(system)}`;
  return z.array(z.string()).parse(await evaluateFlake(flake, attributes, environment, options));
}

/** Those of a group's packages whose names contain a text, in any case: the name itself first, then names that start so. */
export function searchGroup(
  { flake, system, label }: FoundGroup,
  names: readonly string[],
  wanted: string,
): FoundTarget[] {
  const text = wanted.trim().toLowerCase();
  const rank = (name: string): number =>
    name.toLowerCase() === text ? 0 : name.toLowerCase().startsWith(text) ? 1 : 2;
  return names
    .filter((name) => name.toLowerCase().includes(text))
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, maximumOutputs)
    .map((name) => ({
      target: {
        kind: 'flake',
        flake,
        attribute: formatAttributePath(['legacyPackages', system, name]),
        arguments: noArguments,
      },
      label: `${label}.${formatAttributePath([name])}`,
      description: 'flake output',
    }));
}

async function evaluateFlake(
  flake: string,
  expression: (url: string) => string,
  environment: NixEnvironment,
  { limits, signal }: Pick<TargetSearchOptions, 'limits' | 'signal'>,
): Promise<unknown> {
  const { nix } = environment;
  return withInputs(environment, flake, { ...limits, signal, cwd: flake }, async (settings) => {
    const { url } = await flakeMetadata(nix, flake, settings);
    return evaluateExpression(nix, expression(url), { ...settings, flakes: true });
  });
}
