import { unwrap, type AttributeSet } from '../syntax/ast.ts';
import { insert, isBound, type Candidate, type Repair } from './repair.ts';

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
  if (isBound('pkgs', scope) && !isOwnBinding(causePlace.source, apply.start, 'pkgs')) {
    candidates.push(
      candidate(
        'Pass the system of the `pkgs` that is in scope',
        'inherit (pkgs.stdenv.hostPlatform) system;',
      ),
    );
  }
  candidates.push(candidate(`Pass \`system = "${expected}"\``, `system = "${expected}";`));
  return candidates;

  /** Would `pkgs` mean the very set that is being repaired? */
  function isOwnBinding(file: typeof source, start: number, name: string): boolean {
    const before = file.text.slice(0, start).trimEnd();
    return new RegExp(`(^|[^A-Za-z0-9_'-])${name}\\s*(=|\\?)\\s*\\(?$`).test(before);
  }
};

function bindingText(binding: string, set: AttributeSet, rest: string): string {
  if (set.bindings.length === 0)
    return /^\s*}/.test(rest) && !/^\s/.test(rest) ? ` ${binding} ` : ` ${binding}`;
  const indentation = /^\s*\n(\s*)\S/.exec(rest)?.[1];
  return indentation === undefined ? ` ${binding}` : `\n${indentation}${binding}`;
}
