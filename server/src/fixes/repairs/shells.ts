import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import { unwrap, type Expression, type Lambda, type Variable } from '../../syntax/ast.ts';
import { resolveVariable } from '../../syntax/scopes.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import { isBound, replace } from '../repair.ts';
import { isBuildSet } from './packageSets.ts';
import type { OutOfSet } from './withoutSet.ts';

/**
 * The shell that a built script may be interpreted by, in the place of that of
 * `stdenv`, which runs while something is built (nixpkgs source,
 * `pkgs/top-level/all-packages.nix`, `runtimeShell`); undefined for what is
 * something else.
 *
 *     #!${stdenv.shell}        ⇒   #!${runtimeShell}
 *     #!${pkgs.stdenv.shell}   ⇒   #!${pkgs.runtimeShell}
 */
export function shellOf({ source, expression }: PlacedExpression): OutOfSet | undefined {
  const select = unwrap(expression);
  if (select.kind !== 'select') return undefined;
  const names = select.path.map((name) => (name.kind === 'static' ? name.name : ''));
  if (names.at(-1) !== 'shell') return undefined;
  const base = unwrap(select.base);
  if (base.kind !== 'variable') return undefined;
  const [first, ...rest] = [base.name, ...names.slice(0, -1)].filter((name) => !isBuildSet(name));
  if (first === 'stdenv' && rest.length === 0) return ofStdenv(source, select, base);
  if (rest.at(-1) !== 'stdenv' || first === undefined) return undefined;
  const text = [first, ...rest.slice(0, -1), 'runtimeShell'].join('.');
  return { edits: [replace(source, select, text)], needs: [], frees: [] };
}

/** `stdenv.shell`: the shell has to come from where `stdenv` does. */
function ofStdenv(source: SourceFile, select: Expression, base: Variable): OutOfSet | undefined {
  const itself = (lambda?: Lambda): OutOfSet => ({
    edits: [replace(source, select, 'runtimeShell')],
    needs: lambda ? [{ lambda, name: 'runtimeShell' }] : [],
    frees: [base],
  });
  if (isBound('runtimeShell', source.scopes.scopeOf(base))) return itself();
  const resolution = resolveVariable(base, source.scopes);
  if (resolution.kind === 'with') return itself();
  if (resolution.kind !== 'lexical') return undefined;
  const { definition } = resolution;
  if (definition.kind === 'formal') return itself(definition.lambda);
  const from =
    definition.kind === 'inherit-from'
      ? textOf(source, definition.binding.from)
      : definition.kind === 'binding'
        ? /^([\w.'-]+)\.stdenv$/.exec(textOf(source, definition.binding.value))?.[1]
        : undefined;
  if (from === undefined) return undefined;
  return { edits: [replace(source, select, `${from}.runtimeShell`)], needs: [], frees: [] };
}
