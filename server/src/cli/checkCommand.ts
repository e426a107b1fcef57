import { InvalidArgumentError, type Command } from 'commander';
import { ruleLevels, type RuleLevels } from '../model/judgement.ts';
import { formats, isOutputFormat } from '../output/formats.ts';
import { check } from './check.ts';
import type { CheckArguments } from './checkArguments.ts';
import { formatOption, ruleLevel } from './optionValues.ts';
import { addRepairOptions, repairArguments, type RepairOptions } from './repairArguments.ts';
import type { Subcommand } from './invocation.ts';
import {
  addEvaluationOptions,
  addTargetOptions,
  installableHelp,
  invocationOf,
  refusal,
  targetArguments,
  type TargetOptions,
} from './targetArguments.ts';

type CheckOptions = TargetOptions &
  RepairOptions & { readonly rule: RuleLevels } & Pick<
    CheckArguments,
    'format' | 'output' | 'report' | 'baseline' | 'writeBaseline' | 'fixes'
  >;

export const checkCommand: Subcommand = (program, chosen) => {
  const command = program
    .command('check', { isDefault: false })
    .description('judge the build-time closure of an installable or of an attribute of a file')
    .argument('[installable]', installableHelp);
  addTargetOptions(command)
    .option('--all', 'check every target of .nix-platform-lens.json, or else those that are found', false)
    .option('--list', 'list these targets', false);
  addEvaluationOptions(command)
    .option(
      '--rule <id=level>',
      `report what a rule finds as ${ruleLevels.join(', ')}; may be repeated`,
      ruleLevel,
      {},
    )
    .addOption(formatOption(Object.keys(formats)))
    .option('--output <file>', 'print to this file instead')
    .option('--report <format=file>', 'write another format to a file; may be repeated', reportFile, [])
    .option('--baseline <file>', 'tell only of leaks that this file does not list')
    .option('--write-baseline <file>', 'list the leaks that there are in this file')
    .option('--no-fixes', 'do not look for repairs (proving them evaluates again)');
  addRepairOptions(command)
    .addHelpText('after', helpTail)
    .action((installable: string | undefined, options: CheckOptions, self: Command) => {
      const refused = refusal(installable, options);
      if (refused !== undefined) self.error(`error: ${refused}`, { exitCode: 2 });
      const args: CheckArguments = {
        ...targetArguments(installable, options),
        format: options.format,
        ...(options.output !== undefined ? { output: options.output } : {}),
        report: options.report,
        ...(options.baseline !== undefined ? { baseline: options.baseline } : {}),
        ...(options.writeBaseline !== undefined ? { writeBaseline: options.writeBaseline } : {}),
        fixes: options.fixes,
        ...repairArguments(options),
        rules: options.rule,
      };
      chosen(invocationOf(args, check));
    });
};

function reportFile(value: string, previous: CheckArguments['report']): CheckArguments['report'] {
  const at = value.indexOf('=');
  const [format, file] = [value.slice(0, Math.max(at, 0)), value.slice(at + 1)];
  if (!isOutputFormat(format) || file === '')
    throw new InvalidArgumentError(
      `It must be a format and a file such as sarif=lens.sarif; formats are ${Object.keys(formats).join(', ')}.`,
    );
  return [...previous, [format, file]];
}

const helpTail = `
Exit status: 0 clean, 1 at least one leak at error level, 2 could not evaluate,
or the closure could not be read whole. Of several evaluations, the highest.

Examples:
  nix-platform-lens check -f release.nix -A build.x86_64-linux --as aarch64-darwin
  nix-platform-lens check .#nixosConfigurations.web --format json
  nix-platform-lens check --all --as x86_64-linux --as aarch64-darwin
  nix-platform-lens check --all --format github --report sarif=lens.sarif
`;
