import type { Command } from 'commander';
import { formatOption, positive } from './optionValues.ts';
import type { Subcommand } from './invocation.ts';
import {
  addEvaluationOptions,
  addTargetOptions,
  invocationOf,
  refusal,
  targetArguments,
  type TargetOptions,
} from './targetArguments.ts';
import { verify } from './verify.ts';
import type { VerifyArguments } from './verifyArguments.ts';

interface VerifyOptions extends TargetOptions, Pick<VerifyArguments, 'format'> {
  readonly maxFiles?: number;
}

export const verifyCommand: Subcommand = (program, chosen) => {
  const command = program
    .command('verify')
    .description('hold what is in the store, and all it refers to, against the platform it should be for')
    .argument(
      '[installable]',
      'a flake output, the path of a .drv, or a store path such as ./result or /nix/store/…',
    );
  addTargetOptions(command).option(
    '--all',
    'verify every target of .nix-platform-lens.json, or else those that are found',
    false,
  );
  addEvaluationOptions(command)
    .addOption(formatOption(['text', 'json']))
    .option('--max-files <number>', 'look at no more files than this', positive)
    .addHelpText('after', helpTail)
    .action((installable: string | undefined, options: VerifyOptions, self: Command) => {
      const refused = refusal(installable, options);
      if (refused !== undefined) self.error(`error: ${refused}`, { exitCode: 2 });
      const args: VerifyArguments = {
        ...targetArguments(installable, options),
        format: options.format,
        ...(options.maxFiles !== undefined ? { mostFiles: options.maxFiles } : {}),
      };
      chosen(invocationOf(args, verify));
    });
};

const helpTail = `
Reads the headers of executables and libraries, and the interpreters of scripts.
Nothing is built or downloaded: outputs that are not in the store are named.

Exit status: 0 everything runs where it has to, 1 something certainly does not,
2 it could not be told. Of several, the highest.

Examples:
  nix-platform-lens verify ./result --expect x86_64-linux
  nix-platform-lens verify -f release.nix -A build.x86_64-linux
  nix-platform-lens verify .#nixosConfigurations.web.config.system.build.toplevel
`;
