import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Report } from '../model/report.ts';
import { judgementContext } from '../model/judgementContext.ts';
import { usualStore } from '../nix/storeOfTarget.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import { storePathIn } from '../model/storePath.ts';
import { stateOfVerification, type Verification, type VerificationState } from '../model/verification.ts';
import { describeFailure } from '../nix/describeFailure.ts';
import { paintFor } from '../output/paint.ts';
import { verificationJson } from '../output/verificationJson.ts';
import { verificationText } from '../output/verificationText.ts';
import { jsonText, terminalText } from '../output/shown.ts';
import { storePathRequest } from '../realised/storePathRequest.ts';
import {
  verificationOptions,
  verifyDerivation,
  type VerificationWishes,
} from '../realised/verifyDerivation.ts';
import { verifyOutputs } from '../realised/verifyOutputs.ts';
import { chooseTargets } from './chosenTargets.ts';
import { CommandFailure, type CommandEnvironment, type ExitStatus } from './commandEnvironment.ts';
import { isDefect } from './defects.ts';
import { evaluateTargets } from './evaluateTargets.ts';
import { errorText } from './print.ts';
import { worstOf } from './exitStatus.ts';
import type { VerifyArguments } from './verifyArguments.ts';

/** What came of one target and system, or of a store path. */
interface Verified {
  /** Empty where only one thing was asked for. */
  readonly label: string;
  readonly evaluateAs?: string;
  readonly outcome: Verification | readonly EvaluationError[];
}

/** Verifies what is in the store of targets, or a store path, and prints it. */
export async function verify(args: VerifyArguments, environment: CommandEnvironment): Promise<ExitStatus> {
  const storePath = storePathOf(args, environment.directory);
  const verified =
    storePath === undefined
      ? await verifyTargets(args, environment)
      : [{ label: '', outcome: await verifyStorePath(storePath, args, environment) }];
  print(verified, args, environment);
  return worstOf(verified.map(({ outcome }) => statusOf(outcome)));
}

const statuses: Readonly<Record<VerificationState, ExitStatus>> = {
  right: 0,
  wrong: 1,
  absent: 2,
  unknown: 2,
};

function statusOf(outcome: Verified['outcome']): ExitStatus {
  return 'outputs' in outcome ? statuses[stateOfVerification(outcome)] : 2;
}

async function verifyTargets(args: VerifyArguments, environment: CommandEnvironment): Promise<Verified[]> {
  const targets = await chooseTargets(args, environment);
  const evaluations = await evaluateTargets(targets, args, environment, (report) =>
    told(environment, async () => verifyReport(report, args, environment)),
  );
  return evaluations.map(({ chosen: { label }, evaluateAs, outcome }) => ({
    label,
    ...(evaluateAs !== undefined && { evaluateAs }),
    outcome: outcome.kind === 'judged' ? outcome.value : outcome.errors,
  }));
}

async function verifyReport(
  report: Report,
  args: VerifyArguments,
  environment: CommandEnvironment,
): Promise<Verification> {
  const { graph, request } = report;
  const nix = await environment.nix(environment.signal);
  return verifyDerivation(
    report,
    graph.root,
    args.expect ?? request.expect,
    nix,
    wishesOf(args, environment),
  );
}

function verifyStorePath(
  storePath: string,
  args: VerifyArguments,
  environment: CommandEnvironment,
): Promise<Verified['outcome']> {
  return told(environment, async () => {
    const nix = await environment.nix(environment.signal);
    const options = verificationOptions(nix, usualStore(nix), wishesOf(args, environment));
    const request = await storePathRequest(storePath, judgementContext(nix.configuration.builders), options);
    const { expect } = args;
    return verifyOutputs({ ...request, ...(expect !== undefined && { expect }) }, options);
  });
}

function wishesOf(
  { timeoutMs, mostFiles }: VerifyArguments,
  { signal }: CommandEnvironment,
): VerificationWishes {
  return { signal, timeoutMs, ...(mostFiles !== undefined && { mostFiles }) };
}

/**
 * What Nix does not do is told like an evaluation that fails.
 *
 * @throws CommandFailure when cancelled
 */
async function told(
  { signal }: CommandEnvironment,
  work: () => Promise<Verification>,
): Promise<Verified['outcome']> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) throw new CommandFailure('cancelled');
    // A mistake in this program is told as such, with its stack where somebody debugs it.
    if (isDefect(error)) throw error;
    return describeFailure(error, () => false);
  }
}

/** The store path that an installable names by a path, such as `./result`; a .drv is a derivation. */
function storePathOf({ installable, as }: VerifyArguments, directory: string): string | undefined {
  if (installable === undefined || installable.includes('#')) return undefined;
  const path = resolve(directory, installable);
  const storePath = storePathIn(path) ?? storePathIn(realPathOf(path));
  if (storePath === undefined || storePath.endsWith('.drv')) return undefined;
  if (as.length > 0)
    throw new CommandFailure(
      '--as needs something to evaluate: a store path is what it is; --expect says where it has to run',
    );
  return storePath;
}

/** Itself where it does not exist: an installable may be a flake reference. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function print(
  verified: readonly Verified[],
  { format }: VerifyArguments,
  { directory, isTerminal, writeOut, writeError }: CommandEnvironment,
): void {
  const paint = paintFor(isTerminal);
  for (const { label, evaluateAs, outcome } of verified) {
    const name = [label, evaluateAs === undefined ? '' : `as ${evaluateAs}`].filter(Boolean).join(', ');
    if (!('outputs' in outcome)) {
      if (verified.length > 1) writeError(terminalText([`${name} could not be verified:`]));
      for (const error of outcome) writeError(errorText(error, directory));
    } else if (format === 'text') {
      if (verified.length > 1) writeOut(terminalText([paint.bold(name)]));
      writeOut(verificationText(outcome, paint));
    }
  }
  if (format !== 'json') return;
  const verifications = verified.map(({ outcome, ...named }) => ({
    ...named,
    ...('outputs' in outcome ? verificationJson(outcome) : { errors: outcome.map(({ message }) => message) }),
  }));
  writeOut(jsonText({ version: 1, verifications }));
}
