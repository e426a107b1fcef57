import { edgeRoles } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { LineChange, TextChanges } from './textChanges.ts';

/** An output of an input, by its name, with its path. */
export interface OutputPath {
  readonly output: string;
  readonly path: string;
}

/** An input that is wrong where a builder is given it, and what may stand in its place. */
export interface WrongInput {
  /** How it is used wrongly; left out where it is wrong by itself. */
  readonly edge?: CrossingEdge;
  readonly outputs: readonly OutputPath[];
  /** Of the same package for another platform, where the repaired derivation has that. */
  readonly twins: readonly OutputPath[];
  /** In every place: it runs neither where its consumer is built nor where that one's outputs run, or is wrong by itself. */
  readonly isWrongAnywhere: boolean;
}

/**
 * What a repair changes of what a builder is given, although it was not wrong;
 * undefined where it changes only what was. A clause.
 *
 * @param addsInputs whether the repair is meant to add an input that was missing
 */
export function unexplainedChange(
  { lines, reshaped }: TextChanges,
  wrong: readonly WrongInput[],
  addsInputs: boolean,
): string | undefined {
  const other = reshaped.find(({ variable }) => !(isList(variable) && (addsInputs || wrong.length > 0)));
  if (other) return `its \`${other.variable}\` is another one`;
  const change = lines.find((line) => !isExplained(line, wrong, addsInputs));
  return change && `line ${change.line} of its \`${change.variable}\`, which was not wrong`;
}

/** The variables that hold lists of dependencies (nixpkgs source, `make-derivation.nix`). */
const lists: ReadonlySet<string> = new Set(
  edgeRoles.filter((role) => !['builder', 'args', 'stdenv', 'reference'].includes(role)),
);

function isList(variable: string): boolean {
  return lists.has(variable);
}

function isExplained(change: LineChange, wrong: readonly WrongInput[], addsInputs: boolean): boolean {
  if (isList(change.variable)) return isListExplained(change, wrong, addsInputs);
  const here = wrong.filter((input) => {
    const times = changedTimes(change, input);
    return times > 0 && times <= wrongTimes(change, input);
  });
  return here.length > 0 && withoutPlatforms(change.before, here) === withoutPlatforms(change.after, here);
}

/** How often a line names an input that it does not name any more. */
function changedTimes({ before, after }: LineChange, { outputs }: WrongInput): number {
  const timesIn = (text: string): number =>
    outputs.reduce((sum, { path }) => sum + text.split(path).length - 1, 0);
  return timesIn(before) - timesIn(after);
}

/** Of a list, only what was wrong is another one: out of it, into it, or its twin in its place. */
function isListExplained(
  { before, after }: LineChange,
  wrong: readonly WrongInput[],
  addsInputs: boolean,
): boolean {
  const paths = new Set(
    wrong.flatMap(({ outputs, twins }) => [...outputs, ...twins].map(({ path }) => path)),
  );
  const rest = (list: string): string[] =>
    list.split(/\s+/).filter((word) => word !== '' && !paths.has(word));
  const [was, is] = [rest(before), rest(after)];
  return addsInputs ? was.every((word) => is.includes(word)) : was.join(' ') === is.join(' ');
}

/** How often a line uses an input wrongly: the same line may name it rightly as well. */
function wrongTimes({ variable, line }: LineChange, { edge, isWrongAnywhere }: WrongInput): number {
  if (isWrongAnywhere) return Infinity;
  if (variable === 'builder' || variable === 'args') return edge?.roles.includes(variable) ? Infinity : 0;
  const use = edge?.scriptUses?.find((one) => one.variable === variable && one.line === line);
  return use ? (use.times ?? 1) : 0;
}

/** A text in which an input and its twin look the same, and so do the names of programs that begin with a triple. */
function withoutPlatforms(text: string, wrong: readonly WrongInput[]): string {
  let neutral = text;
  for (const [index, { outputs, twins }] of wrong.entries())
    for (const { output, path } of [...outputs, ...twins])
      neutral = neutral.replaceAll(path, `{${index} ${output}}`);
  return neutral.replace(/(?<=\{\d+ \w+\}\/bin\/)(?:\w+-){2,3}(?:gnu|musl)\w*-/g, '');
}
