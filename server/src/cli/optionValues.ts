import { InvalidArgumentError, Option } from 'commander';
import { isRuleId, isRuleLevel } from '../targets/ruleSetting.ts';
import { buildPackageSets, usualBuildPackageSet } from '../fixes/buildPackageSet.ts';
import { repairsTimeLimit } from '../fixes/timeLimit.ts';
import { ruleIds, ruleLevels, type RuleId, type RuleLevels } from '../model/judgement.ts';
import { isSystem } from '../model/system.ts';

/** Nix's own flags that take two words; commander's options take one. */
const twoWordFlags = new Set(['--arg', '--argstr', '--option']);
const separator = '\u0000';

/** `--arg a b` ⇒ `--arg=a\0b`; a flag whose words are missing is left for the parser to refuse. */
export function joinPairs(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const name = argv[at + 1];
    const value = argv[at + 2];
    if (twoWordFlags.has(word) && name !== undefined && value !== undefined) {
      joined.push(`${word}=${name}${separator}${value}`);
      at += 2;
    } else if (word.startsWith('-I') && word.length > 2) {
      joined.push('-I', word.slice(2));
    } else {
      joined.push(word);
    }
  }
  return joined;
}

/** Reads what {@link joinPairs} made of a flag with two words. */
export function pair(flag: string) {
  return (
    value: string,
    previous: readonly (readonly [string, string])[],
  ): readonly (readonly [string, string])[] => {
    const at = value.indexOf(separator);
    if (at === -1) throw new InvalidArgumentError(`${flag} takes two words, a name and a value.`);
    return [...previous, [value.slice(0, at), value.slice(at + 1)]];
  };
}

export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

export function system(value: string, previous: readonly string[]): readonly string[] {
  return [...new Set([...previous, oneSystem(value)])];
}

export function oneSystem(value: string): string {
  if (!isSystem(value)) throw new InvalidArgumentError('It must be a system such as x86_64-linux.');
  return value;
}

export function ruleLevel(value: string, previous: RuleLevels): RuleLevels {
  const [id = '', level = '', ...more] = value.split('=');
  if (!isRuleId(id)) throw new InvalidArgumentError(`The rules are ${ruleIds.join(', ')}.`);
  if (!isRuleLevel(level) || more.length > 0)
    throw new InvalidArgumentError(`It must be a rule, = and one of ${ruleLevels.join(', ')}.`);
  return { ...previous, [id]: level };
}

export function oneRule(value: string, previous: readonly RuleId[]): readonly RuleId[] {
  if (!isRuleId(value)) throw new InvalidArgumentError(`The rules are ${ruleIds.join(', ')}.`);
  return [...new Set([...previous, value])];
}

export function positive(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0)
    throw new InvalidArgumentError('It must be a number above zero.');
  return number;
}

/** Seconds; what a proof may take, left out, is the editor's default as well. */
export function repairsTimeoutOption(): Option {
  return new Option('--repairs-timeout <seconds>', 'how long to evaluate repairs, all of them together')
    .argParser(positive)
    .default(repairsTimeLimit);
}

export function buildPackageSetOption(): Option {
  return new Option(
    '--build-package-set <name>',
    'how repairs name the packages that run on the build platform',
  )
    .choices(buildPackageSets)
    .default(usualBuildPackageSet);
}

/** `--format`, the first one by default. */
export function formatOption(formats: readonly string[]): Option {
  return new Option('--format <format>', 'how to print').choices(formats).default(formats[0]);
}
