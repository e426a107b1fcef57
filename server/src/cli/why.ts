import type { Command } from 'commander';
import { findDerivations } from '../check/findDerivations.ts';
import type { Report } from '../check/report.ts';
import { picturesDot } from '../output/toDot.ts';
import { derivationJson } from '../output/toJson.ts';
import { picturesMermaid } from '../output/toMermaid.ts';
import { paintFor } from '../output/paint.ts';
import { matchesText, whyJson, whyPicture, whyText } from '../output/why.ts';
import { chooseTargets } from './chosenTargets.ts';
import type { CommandEnvironment, ExitStatus } from './environment.ts';
import { evaluateTargets } from './evaluations.ts';
import { formatOption } from './optionValues.ts';
import { errorText } from './print.ts';
import { worstOf } from './statuses.ts';
import type { Subcommand } from './subcommands.ts';
import {
  addEvaluationOptions,
  addTargetOptions,
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
      const { nixDirectory } = args;
      chosen({
        ...(nixDirectory !== undefined ? { nixDirectory } : {}),
        run: (environment) => why(args, environment),
      });
    });
};

const helpTail = `
The input is the path of a .drv or of an output, a pattern such as 'perl*', a
name with or without its version, or a part of one. All shortest paths from the
root are told, the first 20 of them. Where several derivations match, they are
listed; a picture shows one path to each.

Exit status: 0 found, 1 not in the closure, 2 could not evaluate.

Examples:
  nix-platform-lens why -f release.nix -A build.x86_64-linux --as aarch64-darwin openssl
  nix-platform-lens why .#nixosConfigurations.web 'perl-5*' --format dot
`;

/** Evaluates, looks for the input, and prints the paths to it. */
async function why(args: WhyArguments, environment: CommandEnvironment): Promise<ExitStatus> {
  const { directory, writeOut, writeError } = environment;
  const targets = await chooseTargets(args, environment);
  const evaluations = await evaluateTargets(targets, args, environment, (report) => Promise.resolve(report));
  const statuses = evaluations.map(({ outcome }): ExitStatus => {
    if (outcome.kind === 'failed') {
      for (const error of outcome.errors) writeError(errorText(error, directory));
      return 2;
    }
    return tell(outcome.value, args, environment);
  });
  if (args.format === 'dot' || args.format === 'mermaid') {
    const pictures = evaluations.flatMap(({ outcome }) => {
      if (outcome.kind === 'failed') return [];
      const ids = findDerivations(outcome.value.graph, args.wanted);
      return ids.length === 0 ? [] : whyPicture(outcome.value, ids, args.wanted);
    });
    writeOut(args.format === 'dot' ? picturesDot(pictures) : picturesMermaid(pictures));
  }
  return worstOf(statuses);
}

/** Prints what can be told of one closure by itself. */
function tell(
  report: Report,
  { wanted, format }: WhyArguments,
  { directory, isTerminal, writeOut, writeError }: CommandEnvironment,
): ExitStatus {
  const { graph } = report;
  const [id, ...others] = findDerivations(graph, wanted);
  if (id === undefined) {
    writeError(
      `error: nothing in the closure of ${graph.derivation(graph.root).name} is ${wanted}; give the path of a .drv or of an output, a name, a part of one, or a pattern such as 'perl*'\n`,
    );
    return 1;
  }
  if (others.length > 0) {
    const matches = [id, ...others];
    if (format === 'json') {
      const rows = matches.map((match) => derivationJson(graph, match));
      writeOut(`${JSON.stringify({ version: 1, matches: rows }, undefined, 2)}\n`);
    } else if (format === 'text') writeOut(matchesText(report, matches, wanted));
    return 0;
  }
  if (format === 'json') writeOut(`${JSON.stringify(whyJson(report, id, directory), undefined, 2)}\n`);
  if (format === 'text') writeOut(whyText(whyJson(report, id, directory), paintFor(isTerminal)));
  return 0;
}
