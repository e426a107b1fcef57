import type { RuleLevels } from '../model/judgement.ts';
import type { OutputFormat } from '../output/formats.ts';
import type { RepairArguments } from './repairArguments.ts';
import type { TargetArguments } from './targetArguments.ts';

/** What `check` was asked on the command line. */
export interface CheckArguments extends TargetArguments, RepairArguments {
  readonly format: OutputFormat;
  /** The file that the format is written to; undefined: standard output. */
  readonly output?: string;
  /** Further formats, each with the file that it is written to. */
  readonly report: readonly (readonly [format: OutputFormat, file: string])[];
  /** The file of the leaks that are known. */
  readonly baseline?: string;
  /** The file that they are to be written to. */
  readonly writeBaseline?: string;
  readonly fixes: boolean;
  /** How what a rule finds is reported; these come after the target file. */
  readonly rules: RuleLevels;
}
