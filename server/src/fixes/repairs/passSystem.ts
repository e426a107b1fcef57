import { unwrap, type AttributeSet, type Expression } from '../../syntax/ast.ts';
import { resolveName, type Definition, type Scope } from '../../syntax/scopes.ts';
import { insert, isBound, type Candidate, type Repair } from '../repair.ts';

/**
 * Pass the system to a package set that is made without one.
 *
 *     import nixpkgs { }   ⇒   import nixpkgs { inherit system; }
 */
export const passSystem: Repair = ({ cause, causePlace, expected }) => {
  if (cause.kind !== 'package-set-without-system' && cause.kind !== 'shadowed-with') return [];
  if (!causePlace) return [];
  const { source, expression } = causePlace;
  const apply = unwrap(expression);
  if (apply.kind !== 'apply') return [];
  const set = unwrap(apply.argument);
  if (set.kind !== 'attribute-set') return [];

  const scope = source.scopes.scopeOf(apply);
  const offset = set.start + source.text.slice(set.start, set.end).indexOf('{') + 1;
  const candidate = (title: string, binding: string): Candidate => ({
    title,
    edits: [insert(source, offset, bindingText(binding, set, source.text.slice(offset, set.end)))],
  });
  const candidates: Candidate[] = [];
  if (isBound('system', scope)) {
    candidates.push(candidate('Pass the `system` that is in scope', 'inherit system;'));
  }
  // Inside its own definition `pkgs` is the very set that is repaired, which would need itself.
  if (isBound('pkgs', scope) && !isDefinedAround('pkgs', apply, scope)) {
    candidates.push(
      candidate(
        'Pass the system of the `pkgs` that is in scope',
        'inherit (pkgs.stdenv.hostPlatform) system;',
      ),
    );
  }
  candidates.push(candidate(`Pass \`system = "${expected}"\``, `system = "${expected}";`));
  return candidates;
};

/** Does a name get its value from an expression that contains this one? */
function isDefinedAround(name: string, inner: Expression, scope: Scope): boolean {
  const resolution = resolveName(name, scope);
  if (resolution.kind !== 'lexical') return false;
  const value = valueOf(resolution.definition);
  return value !== undefined && value.start <= inner.start && inner.end <= value.end;
}

/** The expression that a definition takes its value from, where there is one in its file. */
function valueOf(definition: Definition): Expression | undefined {
  switch (definition.kind) {
    case 'binding':
      return definition.binding.value;
    case 'inherit-from':
      return definition.binding.from;
    case 'formal':
      return definition.formal.fallback;
    case 'inherit':
    case 'parameter':
      return undefined;
  }
}

function bindingText(binding: string, set: AttributeSet, rest: string): string {
  if (set.bindings.length === 0)
    return /^\s*}/.test(rest) && !/^\s/.test(rest) ? ` ${binding} ` : ` ${binding}`;
  const indentation = /^\s*\n(\s*)\S/.exec(rest)?.[1];
  return indentation === undefined ? ` ${binding}` : `\n${indentation}${binding}`;
}
