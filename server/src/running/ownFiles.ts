import * as z from 'zod';
import type { EvaluationArguments } from '../model/target.ts';
import { evaluateExpression, type EvaluateOptions } from '../nix/evaluate.ts';
import type { NixInstallation } from '../nix/installation.ts';

const files = z.array(z.string());

/**
 * The files in which a derivation says that it is made: by `meta.position`
 * (nixpkgs, `stdenv/generic/check-meta.nix`), else where its name is written.
 * Hardly more than its attributes is evaluated.
 *
 * @param value a Nix expression
 * @throws NixFailure
 */
export async function ownFilesOf(
  nix: NixInstallation,
  value: string,
  { include, option }: EvaluationArguments,
  options: EvaluateOptions & { readonly cwd: string },
): Promise<string[]> {
  const expression = `
    let
      value = ${value};
      stated = if value ? meta.position then builtins.match "(.*):[0-9]+" value.meta.position else null;
      written = builtins.unsafeGetAttrPos "name" (value.drvAttrs or { });
    in
    if stated != null then stated else if written != null then [ written.file ] else [ ]
  `;
  const found = await evaluateExpression(nix, expression, {
    ...options,
    arguments: { arg: [], argstr: [], include, option },
  });
  return [...new Set(files.parse(found))].filter((file) => file.startsWith('/'));
}
