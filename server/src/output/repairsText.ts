import type { JsonFix } from './json.ts';
import type { Paint } from './paint.ts';
import { proofWords } from './proofWords.ts';
import type { CheckResults } from './results.ts';
import { countOf, oneLine } from './sentences.ts';
import { joinLines, terminalText } from './shown.ts';
import { toldFindings, type ToldFinding } from './toldFindings.ts';
import { placeOf } from './toText.ts';

/** So many repairs of one finding are shown that are not proven. */
const mostUnproven = 3;

/** The repairs of each finding for people, under a heading of their own; empty where there are none. */
export function repairsText(results: CheckResults, directory: string, paint: Paint): string {
  const isAny = results.evaluations.some(
    ({ outcome }) => outcome.kind === 'judged' && outcome.fixes.length > 0,
  );
  if (!isAny) return '';
  const blocks = toldFindings(results, directory)
    .filter(({ isKnown, finding }) => !isKnown && finding.fixes.length > 0)
    .map((told) => repairsOf(told, paint));
  if (blocks.length === 0) return '';
  const isAnyProven = blocks.some(({ isProven }) => isProven);
  return terminalText([
    '',
    paint.bold('Repairs'),
    ...blocks.flatMap(({ lines }) => ['', ...lines]),
    ...(isAnyProven
      ? [
          '',
          paint.dim('`nix-platform-lens fix`, with the same targets, applies the first proven one of each.'),
        ]
      : []),
  ]);
}

function repairsOf(
  { finding, place }: ToldFinding,
  paint: Paint,
): { readonly isProven: boolean; readonly lines: string[] } {
  const [origin] = finding.origins;
  const where = origin ?? place;
  const what = origin ? oneLine(origin.text, 98) : joinLines(finding.explanation);
  const proven = finding.fixes.filter(({ proven: isProven }) => isProven);
  const others = finding.fixes.filter(({ proven: isProven }) => !isProven);
  const rest = others.length - mostUnproven;
  return {
    isProven: proven.length > 0,
    lines: [
      `  ${where ? `${paint.bold(placeOf(where))}  ` : ''}${what}`,
      ...[...proven, ...others.slice(0, mostUnproven)].map((fix) => `    ${repairLine(fix, paint)}`),
      ...(rest > 0
        ? [paint.dim(`    and ${countOf(rest, 'other')}, not proven; --format json lists all`)]
        : []),
    ],
  };
}

/** One repair in one line: `release.nix:16:5  Bind … (proven: 22 → 0 darwin-built)`. */
export function repairLine({ title, edits: [edit], proof, ...shown }: JsonFix, paint: Paint): string {
  const words = `(${proofWords({ ...shown, proof: shown.proven ? proof : oneLine(proof, 98) })})`;
  return `${edit ? `${placeOf(edit)}  ` : ''}${title} ${shown.proven ? paint.green(words) : paint.dim(words)}`;
}
