import { codeOfSystem, type CanRun } from '../binary/systemCode.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import { unknownSystem } from '../derivation/hostPlatform.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Leak } from '../model/judgement.ts';
import { storeDirOf } from '../model/storePath.ts';
import type { System } from '../model/system.ts';
import type { AskedOutput, ExpectedSystem, Verification, VerificationCounts } from '../model/verification.ts';
import type { NixInstallation } from '../nix/installation.ts';
import { findAbsent, findDerivers, readRuntimeClosure } from '../nix/runtimeClosure.ts';
import { expectationsOf, type PathExpectation } from './expectations.ts';
import { Findings } from './verificationFindings.ts';
import { Interpreters } from './interpreters.ts';
import { FileJudge } from './judgeFile.ts';
import { scanFiles } from './scanFiles.ts';

/** What is to be verified. */
export interface VerificationRequest {
  /** For people. */
  readonly name: string;
  /** The outputs of a derivation of the graph, or store paths; the graph may know the derivations that made these. */
  readonly subject: { readonly derivation: DerivationId } | { readonly storePaths: readonly string[] };
  readonly graph?: DerivationGraph;
  /** What is wrong with the graph by its edges. */
  readonly leaks?: readonly Leak[];
  /** Where the outputs have to run, if the person says so. */
  readonly expect?: System;
}

export interface VerificationOptions {
  readonly nix: NixInstallation;
  /** This machine's system. */
  readonly localSystem: System;
  readonly canRun: CanRun;
  readonly signal: AbortSignal;
  /** The store's name where its files do not lie at their own paths; these cannot be looked at. */
  readonly elsewhere?: string;
  /** For each question to Nix. */
  readonly timeoutMs: number;
  /** Default: {@link defaultMostFiles}. */
  readonly mostFiles?: number;
  /** Called now and then with the number of files that were read. */
  readonly onProgress?: (files: number) => void;
}

/** The files of a store lie below another folder than their paths say. */
class StoreElsewhereError extends Error {
  override readonly name = 'StoreElsewhereError';

  constructor(store: string) {
    super(
      `The outputs are in the store ${store}, whose files do not lie where their paths say, so that they were not looked at. Copy them into this machine’s own store (nix copy --no-check-sigs --from ${store} PATH), and verify them there, without naming another store.`,
    );
  }
}

/** A whole NixOS system has some hundred thousand files. */
const defaultMostFiles = 5_000_000;

const progressStep = 1000;

/**
 * Looks at what is in the store of something, and of all that it refers to:
 * the header of every executable and library is held against the platform that
 * it should have. Builds nothing, and downloads nothing.
 *
 * @throws StoreElsewhereError
 * @throws NixFailure where Nix does not tell
 * @throws the signal's reason when it is aborted
 */
export async function verifyOutputs(
  request: VerificationRequest,
  options: VerificationOptions,
): Promise<Verification> {
  const { graph, subject } = request;
  const { nix, signal, timeoutMs } = options;
  if (options.elsewhere !== undefined) throw new StoreElsewhereError(options.elsewhere);
  const asking = { signal, timeoutMs };
  const outputs = await outputsOf(request, options);
  const drvPath = 'derivation' in subject ? graph?.derivation(subject.derivation).drvPath : undefined;
  const asked = outputs.flatMap(({ path, realised }) => (realised && path !== undefined ? [path] : []));
  const [first] = asked;
  const head = { name: request.name, ...(drvPath !== undefined && { drvPath }), outputs };
  if (first === undefined) return { ...head, counts: noCounts, paths: [], incomplete: [] };

  const closure = await readRuntimeClosure(nix, asked, asking);
  const unexplained = closure.paths.filter((path) => graph?.findByOutputPath(path) === undefined);
  const derivers = await findDerivers(nix, unexplained, asking);
  const expected = expectedSystem(request, first, derivers.get(first), options.localSystem);
  const { canRun } = options;
  const expectations = expectationsOf({
    expected,
    closure,
    asked: new Set(asked),
    graph,
    leaks: request.leaks ?? [],
    derivers,
    canRun,
  });
  const { findings, incomplete } = await scan(closure.paths, first, expectations, options);
  return {
    ...head,
    expected,
    counts: {
      ...findings.counts,
      storePaths: closure.paths.length,
      foreignPaths: [...expectations.values()].filter(({ madeFor }) => madeFor !== undefined).length,
    },
    paths: findings.byPath(expectations, closure, asked),
    incomplete: [...unknownCode(expected), ...incomplete],
  };
}

/** Nothing was compared where nobody knows what to compare with. */
function unknownCode({ system }: ExpectedSystem): readonly string[] {
  if (codeOfSystem(system) !== undefined) return [];
  return [`What native code for ${system} looks like is not known, so that no file was held against it`];
}

const noCounts: VerificationCounts = {
  storePaths: 0,
  files: 0,
  executables: 0,
  libraries: 0,
  scripts: 0,
  foreignPaths: 0,
};

async function outputsOf(
  { graph, subject }: VerificationRequest,
  { nix, signal, timeoutMs }: VerificationOptions,
): Promise<readonly AskedOutput[]> {
  const known =
    'storePaths' in subject
      ? subject.storePaths.map((path) => ({ path }))
      : (graph?.derivation(subject.derivation).outputs ?? []);
  const paths = known.flatMap(({ path }) => path ?? []);
  const absent = paths.length > 0 ? await findAbsent(nix, paths, { signal, timeoutMs }) : new Set<string>();
  return known.map((output) => ({
    ...output,
    realised: output.path !== undefined && !absent.has(output.path),
  }));
}

/** @param path the first store path that was asked for */
function expectedSystem(
  { graph, subject, expect }: VerificationRequest,
  path: string,
  deriver: string | undefined,
  localSystem: System,
): ExpectedSystem {
  if (expect !== undefined) return { system: expect, source: 'given', assumed: false };
  const id =
    'derivation' in subject
      ? subject.derivation
      : (graph?.findByOutputPath(path) ??
        (deriver === undefined ? undefined : graph?.findByDrvPath(deriver)));
  const host = id === undefined ? undefined : graph?.derivation(id).host;
  if (host?.kind === 'system' && host.system !== unknownSystem)
    return { system: host.system, source: 'derivation', assumed: host.certainty === 'assumed' };
  return { system: localSystem, source: 'this-machine', assumed: true };
}

async function scan(
  storePaths: readonly string[],
  first: string,
  expectations: ReadonlyMap<string, PathExpectation>,
  { canRun, signal, mostFiles = defaultMostFiles, onProgress }: VerificationOptions,
): Promise<{ readonly findings: Findings; readonly incomplete: readonly string[] }> {
  const judge = new FileJudge(canRun, new Interpreters(storeDirOf(first)));
  const findings = new Findings();
  const unreadable: string[] = [];
  const onUnreadable = (path: string, error: unknown): void => {
    unreadable.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  };
  const isWhole = await scanFiles(storePaths, { signal, mostFiles, onUnreadable }, async (scanned) => {
    const expectation = expectations.get(scanned.storePath);
    if (!expectation) return;
    findings.add(scanned, await judge.judge(scanned, expectation));
    if (findings.counts.files % progressStep === 0) onProgress?.(findings.counts.files);
  });
  const incomplete = [
    ...(isWhole
      ? []
      : [`Only the first ${mostFiles} files were looked at; raise the limit with --max-files`]),
    ...(unreadable.length === 0
      ? []
      : [
          `${unreadable.length === 1 ? '1 file' : `${unreadable.length} files`} could not be read (${unreadable[0]}); see who owns it, or read it as another user`,
        ]),
  ];
  return { findings, incomplete };
}
