import { edgeRoles } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { LineChange, ReshapedVariable, TextChanges } from './textChanges.ts';

/** An output of an input, by its name, with its path. */
export interface OutputPath {
  readonly output: string;
  readonly path: string;
}

/** An input that is wrong where a builder is given it, and what may stand in its place. */
export interface WrongInput {
  /** How it is used wrongly; empty where it is wrong by itself. */
  readonly edges: readonly CrossingEdge[];
  /** How the repaired derivation still uses it wrongly. */
  readonly left: readonly CrossingEdge[];
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
  const other = reshaped.find(({ variable }) => !isList(variable));
  if (other) return `its \`${other.variable}\` is another one`;
  const ofLists = [...lines, ...reshaped].filter(({ variable }) => isList(variable));
  const list = ofLists.find((change) => !isListExplained(change, wrong, addsInputs));
  if (list) return `its \`${list.variable}\`, of which more changes than what was wrong`;
  if (losesOutput(ofLists, wrong)) return 'it would have another output of what was wrong';
  const change = lines.find((line) => !isList(line.variable) && !isExplained(line, wrong));
  return change && `line ${change.line} of its \`${change.variable}\`, which was not wrong`;
}

/** The variables that hold lists of dependencies (nixpkgs source, `make-derivation.nix`). */
const lists: ReadonlySet<string> = new Set(
  edgeRoles.filter((role) => !['builder', 'args', 'stdenv', 'reference'].includes(role)),
);

export function isList(variable: string): boolean {
  return lists.has(variable);
}

function isExplained(change: LineChange, wrong: readonly WrongInput[]): boolean {
  const here = wrong.filter((input) => {
    const changed = changedTimes(change, input);
    if (input.isWrongAnywhere) return changed > 0;
    const [was, is] = [wrongTimes(change, input.edges), wrongTimes(change, input.left)];
    // As many uses have to be right as were changed: else it was a right one that changed.
    return changed > 0 && changed <= was && (was === Infinity || was - changed >= is);
  });
  return here.length > 0 && withoutPlatforms(change.before, here) === withoutPlatforms(change.after, here);
}

/** How often a line names an input that it does not name any more. */
function changedTimes({ before, after }: LineChange, { outputs }: WrongInput): number {
  const timesIn = (text: string): number =>
    outputs.reduce((sum, { path }) => sum + text.split(path).length - 1, 0);
  return timesIn(before) - timesIn(after);
}

/** Undefined where it has no such variable. */
type ListChange = Pick<ReshapedVariable, 'variable' | 'before' | 'after'>;

/** Of a list, only what was wrong is another one: out of it, into it, or its twin in its place. */
function isListExplained(
  { before, after }: ListChange,
  wrong: readonly WrongInput[],
  addsInputs: boolean,
): boolean {
  const paths = new Set(
    wrong.flatMap(({ outputs, twins }) => [...outputs, ...twins].map(({ path }) => path)),
  );
  const rest = (list: string): string[] => wordsOf(list).filter((word) => !paths.has(word));
  const [was, is] = [rest(before ?? ''), rest(after ?? '')];
  return addsInputs ? was.every((word) => is.includes(word)) : was.join(' ') === is.join(' ');
}

/** Does an output of what was wrong leave the lists for which no twin has the same one there? */
function losesOutput(lists: readonly ListChange[], wrong: readonly WrongInput[]): boolean {
  const were = new Set(lists.flatMap(({ before = '' }) => wordsOf(before)));
  const are = new Set(lists.flatMap(({ after = '' }) => wordsOf(after)));
  return wrong.some(({ outputs, twins }) =>
    outputs.some(({ output, path }) => {
      const isGone = were.has(path) && !are.has(path) && twins.length > 0;
      return isGone && !twins.some((twin) => twin.output === output && are.has(twin.path));
    }),
  );
}

function wordsOf(list: string): string[] {
  return list.split(/\s+/).filter((word) => word !== '');
}

/** How often a line uses an input wrongly: the same line may name it rightly as well. */
function wrongTimes({ variable, line }: LineChange, edges: readonly CrossingEdge[]): number {
  if (variable === 'builder' || variable === 'args')
    return edges.some(({ roles }) => roles.includes(variable)) ? Infinity : 0;
  const uses = edges.flatMap(({ scriptUses = [] }) =>
    scriptUses.filter((use) => use.variable === variable && use.line === line),
  );
  return Math.max(0, ...uses.map(({ times = 1 }) => times));
}

/** A text in which an input and its twin look the same, and so do the names of programs that begin with a triple. */
function withoutPlatforms(text: string, wrong: readonly WrongInput[]): string {
  let neutral = text;
  for (const [index, { outputs, twins }] of wrong.entries())
    for (const { output, path } of [...outputs, ...twins])
      neutral = neutral.replaceAll(path, `{${index} ${output}}`);
  return neutral.replace(/(?<=\{\d+ \w+\}\/bin\/)(?:\w+-){2,3}(?:gnu|musl)\w*-/g, '');
}
