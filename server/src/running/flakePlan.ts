import { join } from 'node:path';
import type { EvaluationTarget } from '../model/target.ts';
import type { System } from '../model/system.ts';
import { evaluateDrvPath } from '../nix/evaluate.ts';
import { flakeAttributePaths, instantiateFlake, selectOutput } from '../nix/flake.ts';
import { withInputs } from '../nix/fetchInputs.ts';
import { flakeMetadata, type FlakeMetadata } from '../nix/flakeMetadata.ts';
import { localFlakeSource, type LocalFlakeSource } from '../nix/flakeSource.ts';
import { nixString } from '../nix/nixString.ts';
import type { WorkspaceCopies } from '../probing/copies.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import { pathExpression } from '../nix/pathExpressions.ts';
import { copiesOptions, type EvaluationPlan, type PlanOptions } from './plan.ts';

type FlakeTarget = Extract<EvaluationTarget, { kind: 'flake' }>;

/** An output of a flake, evaluated by `nix eval`, as Nix takes it: from its source in the store. */
export function flakePlan(
  target: FlakeTarget,
  evaluateAs: System | undefined,
  environment: NixEnvironment,
  { directory, limits }: PlanOptions,
): EvaluationPlan {
  const { nix } = environment;
  const settings = { ...(evaluateAs !== undefined ? { evaluateAs } : {}), ...limits, cwd: directory };
  let metadata: Promise<FlakeMetadata> | undefined;
  const readMetadata = (signal: AbortSignal): Promise<FlakeMetadata> =>
    (metadata ??= withInputs(environment, target.flake, { ...settings, signal }, (options) =>
      flakeMetadata(nix, target.flake, options),
    ));

  const expressionOf = async (
    copies: WorkspaceCopies,
    sharesInputs: boolean,
    signal: AbortSignal,
  ): Promise<string> => {
    const source = await readMetadata(signal);
    const local = localFlakeSource(source);
    if (!local) throw new Error('the flake is not on this machine');
    const system = evaluateAs ?? environment.system;
    const selected = selectOutput(target.attribute);
    const paths = flakeAttributePaths(selected.attribute, system);
    const real = `builtins.getFlake ${nixString(source.url)}`;
    // The value of a file is evaluated once by one Nix.
    const base = sharesInputs ? `import (builtins.toFile "flake-inputs.nix" ${nixString(real)})` : real;
    return copiedFlake(base, copies, local, paths, selected.root);
  };

  return {
    async workspace(signal) {
      const source = await readMetadata(signal);
      const local = localFlakeSource(source);
      if (!local) return { layout: { root: '/', evaluatedRoot: '/' }, entries: [] };
      return {
        layout: { root: local.root, evaluatedRoot: source.path },
        entries: [join(local.root, local.subdirectory, 'flake.nix')],
      };
    },

    instantiate(signal) {
      return withInputs(environment, target.flake, { ...settings, signal }, (options) =>
        instantiateFlake(nix, target, options),
      );
    },

    keptExpression(copies, signal) {
      return expressionOf(copies, true, signal);
    },

    async evaluateCopies(copies, write, signal) {
      const expression = await expressionOf(copies, false, signal);
      return withInputs(environment, target.flake, { ...settings, signal }, (options) =>
        evaluateDrvPath(nix, expression, {
          ...options,
          write,
          flakes: true,
          ...copiesOptions(copies, write),
          arguments: target.arguments,
        }),
      );
    },
  };
}

/**
 * Calls the copied flake.nix by hand, with the inputs of the real flake and a
 * `self` that has its source (Nix source: `call-flake.nix`).
 *
 * @param base an expression of the real flake
 */
function copiedFlake(
  base: string,
  copies: WorkspaceCopies,
  local: LocalFlakeSource,
  attributePaths: readonly (readonly string[])[],
  root: string,
): string {
  const flakeFile = copies.copyOf(join(local.root, local.subdirectory, 'flake.nix'));
  if (flakeFile === undefined) throw new Error('flake.nix could not be parsed');
  const names = (path: readonly string[]): string => `[ ${path.map(nixString).join(' ')} ]`;
  return `
    let
      base = ${base};
      inputs = (${copies.context.library}).n base.inputs;
      outputs = (import ${pathExpression(flakeFile)}).outputs (inputs // { inherit self; });
      self = outputs // base.sourceInfo // {
        inherit (base) inputs outPath sourceInfo;
        inherit outputs;
        _type = "flake";
      };
      step = found: name:
        if found.ok && builtins.isAttrs found.value && found.value ? \${name}
        then { ok = true; value = found.value.\${name}; }
        else { ok = false; };
      look = path: builtins.foldl' step { ok = true; value = self; } path;
      found = builtins.filter (candidate: candidate.ok) (map look [ ${attributePaths.map(names).join(' ')} ]);
    in
    rec {
      drvPath = (${root}) value;
      value = (builtins.head found).value;
      __nplNixos = value.__nplNixos or value.config.system.build.toplevel.__nplNixos or null;
    }
  `;
}
