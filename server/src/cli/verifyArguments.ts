import type { TargetArguments } from './targetArguments.ts';

/** What `verify` was asked on the command line. */
export interface VerifyArguments extends TargetArguments {
  readonly format: 'text' | 'json';
  readonly mostFiles?: number;
}
