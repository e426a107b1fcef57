import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import { unwrap, type AttributeName } from '../../syntax/ast.ts';
import { textOf, type SourceFile } from '../../syntax/sourceFile.ts';
import type { SourceEdit } from '../fix.ts';
import { replace, type Candidate, type Repair } from '../repair.ts';
import { systemsInScope } from '../systemsInScope.ts';
import { takeAsArgument } from '../takeAsArgument.ts';
import { replaceExpression } from '../replaceExpression.ts';

/**
 * Replace a system that is written down, taken from the evaluating machine, or
 * read from an option that says nothing of it.
 *
 *     legacyPackages.x86_64-darwin               ⇒   legacyPackages.${system}
 *     system = builtins.currentSystem;           ⇒   inherit system;
 *     inherit (config.nixpkgs) system;           ⇒   inherit (pkgs.stdenv.hostPlatform) system;
 */
export const replaceSystem: Repair = ({ cause, causePlace, expected }) => {
  if (!causePlace) return [];
  const { source, expression } = causePlace;
  switch (cause.kind) {
    case 'hard-coded-system':
    case 'current-system':
    case 'system-option': {
      const written = `"${expected}"`;
      const candidates = systemsInScope(causePlace).flatMap((named): Candidate[] => {
        const edits = replaceExpression(causePlace, named);
        return edits ? [{ title: `Use ${named.title}`, edits: [...named.edits, ...edits] }] : [];
      });
      if (cause.kind === 'current-system') candidates.push(...takeAsArgument(causePlace));
      const edits =
        textOf(source, expression) === written ? undefined : replaceExpression(causePlace, written);
      if (edits) candidates.push({ title: `Use ${written}`, edits, isWrittenDown: true });
      return candidates;
    }
    case 'wrong-flake-system': {
      const name = systemIn(causePlace, cause.text);
      return name ? inAttributePath(causePlace, name, expected) : [];
    }
    default:
      return [];
  }
};

/** The system that stands in an attribute path, at the end of the cause's text. */
function systemIn({ expression }: PlacedExpression, text: string | undefined): AttributeName | undefined {
  const select = unwrap(expression);
  const names = select.kind === 'select' ? select.path : [];
  const wrong = text?.split('.').at(-1)?.replaceAll('"', '');
  return names.find((candidate) => candidate.kind === 'static' && candidate.name === wrong);
}

function inAttributePath(place: PlacedExpression, name: AttributeName, expected: string): Candidate[] {
  const { source } = place;
  const candidates = systemsInScope(place).map(({ text, edits }): Candidate => {
    const chosen = `\${${text}}`;
    return { title: `Use \`${chosen}\``, edits: [...edits, inPath(source, name, chosen)] };
  });
  return [
    ...candidates,
    { title: `Use ${expected}`, edits: [inPath(source, name, expected)], isWrittenDown: true },
  ];
}

/** A name in an attribute path, quoted as it was. */
function inPath(source: SourceFile, name: AttributeName, text: string): SourceEdit {
  const quote = textOf(source, name).startsWith('"') ? '"' : '';
  return replace(source, name, `${quote}${text}${quote}`);
}
