import type { Command } from 'commander';
import { findDerivations } from '../check/findDerivations.ts';
import type { Report } from '../model/report.ts';
import type { DerivationId } from '../model/derivation.ts';
import { picturesDot } from '../output/toDot.ts';
import { derivationJson } from '../output/toJson.ts';
import { picturesMermaid } from '../output/toMermaid.ts';
import { paintFor } from '../output/paint.ts';
import { matchesText, whyJson, whyPicture, whyText } from '../output/why.ts';
import { nameOfResult } from '../output/results.ts';
import { jsonText, terminalText } from '../output/shown.ts';
import { chooseTargets } from './chosenTargets.ts';
import type { CommandEnvironment, ExitStatus } from './commandEnvironment.ts';
import { evaluateTargets } from './evaluateTargets.ts';
import { formatOption } from './optionValues.ts';
import { errorText } from './print.ts';
import { worstOf } from './exitStatus.ts';
import type { Subcommand } from './invocation.ts';
import {
  addEvaluationOptions,
  addTargetOptions,
  invocationOf,
  refusal,
  targetArguments,
  type TargetArguments,
  type TargetOptions,
} from './targetArguments.ts';

type WhyFormat = 'text' | 'json' | 'dot' | 'mermaid';

/** What `why` was asked on the command line. */
export interface WhyArguments extends TargetArguments {
  readonly wanted: string;
  readonly format: WhyFormat;
}

export const whyCommand: Subcommand = (program, chosen) => {
  const command = program
    .command('why')
    .description('tell by which paths a derivation comes into a closure')
    .usage('[options] [installable] <input>')
    .argument('<input...>', 'an installable, where no option names the target; then the input');
  addTargetOptions(command);
  addEvaluationOptions(command)
    .addOption(formatOption(['text', 'json', 'dot', 'mermaid']))
    .addHelpText('after', helpTail)
    .action((words: readonly string[], options: TargetOptions & { format: WhyFormat }, self: Command) => {
      const wanted = words.at(-1) ?? '';
      const installable = words.length > 1 ? words[0] : undefined;
      const refused =
        words.length > 2 || wanted === ''
          ? 'name an installable at most, and one input'
          : refusal(installable, options);
      if (refused !== undefined) self.error(`error: ${refused}`, { exitCode: 2 });
      const args: WhyArguments = { ...targetArguments(installable, options), wanted, format: options.format };
      chosen(invocationOf(args, why));
    });
};

const helpTail = `
The input is the path of a .drv or of an output, a pattern such as 'perl*', a
name with or without its version, or a part of one. All shortest paths from the
root are told, the first 20 of them. Where several derivations match, the only
wrong one is meant, else they are listed; a picture shows one path to each.

Exit status: 0 found, 1 not in the closure, 2 could not evaluate.

Examples:
  nix-platform-lens why -f release.nix -A build.x86_64-linux --as aarch64-darwin openssl
  nix-platform-lens why .#nixosConfigurations.web 'perl-5*' --format dot
`;

/** Evaluates, looks for the input, and prints the paths to it. */
async function why(args: WhyArguments, environment: CommandEnvironment): Promise<ExitStatus> {
  const { directory, isTerminal, writeOut, writeError } = environment;
  const targets = await chooseTargets(args, environment);
  const evaluations = await evaluateTargets(targets, args, environment, (report) => Promise.resolve(report));
  const isList = evaluations.length > 1;
  const documents: object[] = [];
  const statuses = evaluations.map(({ chosen: { label }, evaluateAs, outcome }): ExitStatus => {
    const name = nameOfResult({ label, evaluateAs });
    if (outcome.kind === 'failed') {
      if (isList) writeError(terminalText([`${name} could not be evaluated:`]));
      for (const error of outcome.errors) writeError(errorText(error, directory));
      return 2;
    }
    const report = outcome.value;
    const found = mostlyMeant(findDerivations(report.graph, args.wanted), report);
    if (found.length === 0) {
      writeError(notFound(report, args.wanted));
      return 1;
    }
    if (args.format === 'json') documents.push(documentOf(report, found, directory));
    if (args.format === 'text') {
      if (isList) writeOut(terminalText([name]));
      writeOut(textOf(report, found, args, directory, isTerminal));
    }
    return 0;
  });
  if (args.format === 'json' && documents.length > 0) writeOut(jsonText(isList ? documents : documents[0]));
  if (args.format === 'dot' || args.format === 'mermaid') {
    const pictures = evaluations.flatMap(({ outcome }) => {
      if (outcome.kind === 'failed') return [];
      const ids = mostlyMeant(findDerivations(outcome.value.graph, args.wanted), outcome.value);
      return ids.length === 0 ? [] : whyPicture(outcome.value, ids, args.wanted);
    });
    writeOut(args.format === 'dot' ? picturesDot(pictures) : picturesMermaid(pictures));
  }
  return worstOf(statuses);
}

/** Of several, the one that is wrong, where there is only one: the others are most often there for builds. */
function mostlyMeant(found: readonly DerivationId[], { leaks }: Report): readonly DerivationId[] {
  const wrong = leaks.filter(({ input, severity }) => severity !== 'info' && found.includes(input));
  const [only] = wrong;
  return only && wrong.length === 1 ? [only.input] : found;
}

function notFound({ graph }: Report, wanted: string): string {
  const root = graph.derivation(graph.root).name;
  return terminalText([
    `error: nothing in the closure of ${root} is ${wanted}; give the path of a .drv or of an output, a name, a part of one, or a pattern such as 'perl*'`,
  ]);
}

/** The paths to the only derivation that was found; several are listed. */
function documentOf(report: Report, found: readonly DerivationId[], directory: string): object {
  const [id] = found;
  if (id !== undefined && found.length === 1) return whyJson(report, id, directory);
  return { version: 1, matches: found.map((match) => derivationJson(report.graph, match)) };
}

function textOf(
  report: Report,
  found: readonly DerivationId[],
  { wanted }: WhyArguments,
  directory: string,
  isTerminal: boolean,
): string {
  const [id] = found;
  if (id === undefined || found.length > 1) return matchesText(report, found, wanted);
  return whyText(whyJson(report, id, directory), paintFor(isTerminal));
}
