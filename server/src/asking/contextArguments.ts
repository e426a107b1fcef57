import { splitAttributePath } from '../model/attributePath.ts';
import { unwrap } from '../syntax/ast.ts';
import { parseSourceFile } from '../syntax/sourceFile.ts';
import { flakeAttributePaths } from '../nix/flake.ts';
import { nixString } from '../nix/nixString.ts';
import { argumentSet, composedValue, compositionParts } from '../targets/composition.ts';
import { pathExpression } from '../nix/pathExpressions.ts';
import { join } from 'node:path';
import type { EvaluationArguments } from '../model/target.ts';
import { absoluteText } from './absoluteText.ts';
import type { ContextWorkspace } from './contextWorkspace.ts';

/** A target's arguments as a set, their relative paths made absolute. */
export function givenArguments(given: EvaluationArguments, workspace: ContextWorkspace): string {
  return argumentSet({
    ...given,
    arg: given.arg.map(([name, text]) => [name, absoluteExpression(text, workspace)]),
  });
}

function absoluteExpression(text: string, { directory, parser }: ContextWorkspace): string {
  const source = parseSourceFile(join(directory, 'argument.nix'), text, parser);
  return absoluteText(source, { start: 0, end: text.length });
}

/** `outputs` of a flake's inputs, as Nix fetches and locks them. */
export function flakeValue(directory: string): string {
  return `(builtins.getFlake ${nixString(directory)})`;
}

/**
 * An expression of the configuration that a target belongs to: what has
 * `config` and `options` on the way from the target's file to its attribute.
 * Undefined where a target can have none.
 */
export function configurationOf(workspace: ContextWorkspace): string | undefined {
  const { target, system } = workspace;
  switch (target.kind) {
    case 'derivation':
      return undefined;
    case 'composed':
      return target.composition === 'call-package'
        ? undefined
        : composedValue(target, {
            ...compositionParts(target),
            packageSet: absoluteExpression(target.packageSet, workspace),
            arguments: givenArguments(target.arguments, workspace),
          });
    case 'flake':
      return innermostConfiguration(
        flakeValue(target.flake),
        flakeAttributePaths(target.attribute, system).at(-1) ?? [],
      );
    case 'file': {
      const file = target.file.startsWith('<') ? target.file : pathExpression(target.file);
      return innermostConfiguration(
        called(
          `(import ${file})`,
          givenArguments(target.arguments, workspace),
          takesOthers(target.file, workspace),
        ),
        splitAttributePath(target.attribute),
      );
    }
    case 'expression':
      return innermostConfiguration(
        called(
          absoluteExpression(target.expression, { ...workspace, directory: target.directory }),
          givenArguments(target.arguments, workspace),
          false,
        ),
        splitAttributePath(target.attribute),
      );
  }
}

/**
 * What `nix-instantiate` makes of a function: it is called with what it names of
 * the given arguments, with all of them where it takes others (Nix source: `autoCallFunction`).
 *
 * @param takesOthers it has an ellipsis
 */
export function called(value: string, given: string, takesOthers: boolean): string {
  if (takesOthers) return `(${value} ${given})`;
  return `(let value = ${value}; in
    if builtins.isFunction value then value (builtins.intersectAttrs (builtins.functionArgs value) ${given}) else value)`;
}

function takesOthers(file: string, { texts, parser }: ContextWorkspace): boolean {
  const text = texts.get(file);
  const root = text === undefined ? undefined : unwrap(parseSourceFile(file, text, parser).root);
  return root?.kind === 'lambda' && root.ellipsis;
}

function innermostConfiguration(value: string, path: readonly string[]): string {
  const names = path.map(nixString).join(' ');
  return `(
    let
      isConfiguration = value: builtins.isAttrs value && value ? config && builtins.isAttrs value.config;
      walk = found: value: path:
        let here = if isConfiguration value then value else found; in
        if path == [ ] || !(builtins.isAttrs value) || !(value ? \${builtins.head path}) then here
        else walk here value.\${builtins.head path} (builtins.tail path);
      found = walk null ${value} [ ${names} ];
    in
    if found == null then throw "the target is no configuration of modules" else found
  )`;
}

/**
 * The arguments that modules of a configuration get (nixpkgs, `lib/modules.nix`:
 * `config`, `options`, `specialArgs` and `_module.args`).
 */
export function moduleArguments(configuration: string): string {
  return `(
    let
      evaluated = ${configuration};
      module = evaluated._module or evaluated.config._module or { };
      arguments = (module.args or { }) // (module.specialArgs or { });
      pkgs = evaluated.pkgs or arguments.pkgs;
    in
    { inherit pkgs; lib = evaluated.lib or pkgs.lib; modulesPath = pkgs.path + "/nixos/modules"; }
      // arguments // { inherit (evaluated) config; options = evaluated.options or { }; }
  )`;
}
