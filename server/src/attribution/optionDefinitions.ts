import type { System } from '../model/system.ts';
import type { Steps } from '../model/slices.ts';
import { unwrap, type AttributeBinding } from '../syntax/ast.ts';
import { rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import type { TracedCause } from './describeCause.ts';
import type { EvidenceIndex } from './evidence.ts';
import { isOfMachine } from './namedSystems.ts';

/**
 * A cause that is an option such as `config.nixpkgs.system`, with the place that
 * gave the option its value: the `system` that a machine was told (nixpkgs
 * source, `nixos/lib/eval-config.nix`), or a module's own definition. The cause
 * as it is where no place, or more than one, says so.
 *
 * @param wrong the systems that the option may have
 */
export function* withDefinition(
  cause: TracedCause,
  wrong: readonly System[],
  index: EvidenceIndex,
): Steps<TracedCause> {
  const found: { readonly source: SourceFile; readonly binding: AttributeBinding }[] = [];
  for (const source of index.evidence.sources.values()) {
    const written = yield* index.stringsOf(source);
    for (const { binding } of written.bindingsIn(source.root)) {
      const value = unwrap(binding.value);
      if (value.kind !== 'string' || value.value === undefined || !wrong.includes(value.value)) continue;
      if (definesSystem(binding, source)) found.push({ source, binding });
    }
  }
  const [only, ...others] = found;
  if (!only || others.length > 0) return cause;
  const { source, binding } = only;
  const place = rangeIn(source, binding.value);
  const text = textOf(source, binding);
  const file = source.file.slice(source.file.lastIndexOf('/') + 1);
  const told = `\`${text}\` in line ${place.range.start.line + 1} of ${file} gives it that value`;
  return {
    ...cause,
    message: `${cause.message.replace(/\.$/, '')}: ${told}.`,
    steps: [...cause.steps, { source: place, text: textOf(source, binding.value), message: told }],
  };
}

/** `nixosSystem { system = …; }`, or `nixpkgs.system = …` of a module. */
function definesSystem({ path, value }: AttributeBinding, source: SourceFile): boolean {
  const names = path.map((name) => (name.kind === 'static' ? name.name : ''));
  if (names.at(-1) !== 'system') return false;
  return names.at(-2) === 'nixpkgs' || (names.length === 1 && isOfMachine({ source, expression: value }));
}
