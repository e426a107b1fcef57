import { unwrap, type AttributeSet } from '../../syntax/ast.ts';
import { insert, type Candidate, type Repair } from '../repair.ts';
import { systemsInScope } from '../systemsInScope.ts';

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

  const offset = set.start + source.text.slice(set.start, set.end).indexOf('{') + 1;
  const given = (binding: string): Candidate['edits'][number] =>
    insert(source, offset, bindingText(binding, set, source.text.slice(offset, set.end)));
  // Inside its own definition `pkgs` is the very set that is repaired, which would need itself.
  const candidates = systemsInScope({ source, expression: apply }).map((named): Candidate => {
    const inherited = named.text === 'system' ? 'inherit system;' : undefined;
    const from = named.set === undefined ? undefined : `inherit (${named.set}) system;`;
    return {
      title: `Pass ${named.title}`,
      edits: [...named.edits, given(inherited ?? from ?? `system = ${named.text};`)],
    };
  });
  const written = `system = "${expected}";`;
  return [
    ...candidates,
    { title: `Pass \`system = "${expected}"\``, edits: [given(written)], isWrittenDown: true },
  ];
};

function bindingText(binding: string, set: AttributeSet, rest: string): string {
  if (set.bindings.length === 0)
    return /^\s*}/.test(rest) && !/^\s/.test(rest) ? ` ${binding} ` : ` ${binding}`;
  const indentation = /^\s*\n(\s*)\S/.exec(rest)?.[1];
  return indentation === undefined ? ` ${binding}` : `\n${indentation}${binding}`;
}
