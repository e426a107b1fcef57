import type { Command } from 'commander';
import { fix } from './fix.ts';
import type { FixArguments } from './fixArguments.ts';
import type { Subcommand } from './invocation.ts';
import { collect, oneRule } from './optionValues.ts';
import { addRepairOptions, repairArguments, type RepairOptions } from './repairArguments.ts';
import {
  addEvaluationOptions,
  addTargetOptions,
  installableHelp,
  invocationOf,
  refusal,
  targetArguments,
  type TargetOptions,
} from './targetArguments.ts';

interface FixOptions
  extends TargetOptions, RepairOptions, Pick<FixArguments, 'dryRun' | 'only' | 'allowDirty'> {
  readonly rule: FixArguments['rules'];
}

export const fixCommand: Subcommand = (program, chosen) => {
  const command = program
    .command('fix')
    .description('apply the repairs that were proven by evaluating them')
    .argument('[installable]', installableHelp);
  addTargetOptions(command).option(
    '--all',
    'repair every target of .nix-platform-lens.json, or else those that are found',
    false,
  );
  addEvaluationOptions(command)
    .option('--dry-run', 'print a patch that git apply takes, and write nothing', false)
    .option('--rule <id>', 'repair only what this rule finds; may be repeated', oneRule, [])
    .option('--only <file>', 'edit only this file; may be repeated', collect, [])
    .option(
      '--allow-dirty',
      'edit files with changes that are not committed, or that git does not know',
      false,
    );
  addRepairOptions(command)
    .addHelpText('after', helpTail)
    .action((installable: string | undefined, options: FixOptions, self: Command) => {
      const refused = refusal(installable, options);
      if (refused !== undefined) self.error(`error: ${refused}`, { exitCode: 2 });
      const args: FixArguments = {
        ...targetArguments(installable, options),
        ...repairArguments(options),
        dryRun: options.dryRun,
        rules: options.rule,
        only: options.only,
        allowDirty: options.allowDirty,
      };
      chosen(invocationOf(args, fix));
    });
};

const helpTail = `
Of each cause the first repair is applied that is proven for all of the targets;
then what comes out is looked at again, until nothing more is proven.

Exit status, of the files as they are in the end: 0 nothing at error level is
left, 1 at least one leak is, 2 could not evaluate, or nothing could be written.

Examples:
  nix-platform-lens fix -f release.nix -A build.x86_64-linux --as aarch64-darwin
  nix-platform-lens fix .#nixosConfigurations.web --dry-run | git apply
  nix-platform-lens fix --all --rule build-platform --only pkgs/tool.nix
`;
