import { dutyOf, isNamedAfter, type FileDuty } from '../binary/fileDuty.ts';
import { labelOfSlices, type NativeCode } from '../binary/nativeCode.ts';
import { findMismatch, labelOfSystem, type CanRun } from '../binary/systemCode.ts';
import type { Severity } from '../model/judgement.ts';
import { nameOf } from '../model/storePath.ts';
import { parseSystem } from '../model/system.ts';
import type { FileFinding } from '../model/verification.ts';
import type { PathExpectation } from './expectations.ts';
import type { Interpreters } from './interpreters.ts';
import type { ExaminedFile } from './scanFiles.ts';

export interface JudgedFile {
  readonly duty: FileDuty;
  readonly finding: FileFinding | undefined;
}

type Verdict = Pick<FileFinding, 'severity' | 'explanation'>;
type Place = Pick<FileFinding, 'storePath' | 'file' | 'expected'>;

/** Holds files against what their store paths should be for. */
export class FileJudge {
  readonly #canRun: CanRun;
  readonly #interpreters: Interpreters;

  constructor(canRun: CanRun, interpreters: Interpreters) {
    this.#canRun = canRun;
    this.#interpreters = interpreters;
  }

  async judge(scanned: ExaminedFile, expectation: PathExpectation): Promise<JudgedFile> {
    const { storePath, file, format, isExecutable } = scanned;
    const duty = dutyOf(file === '' ? nameOf(storePath) : file, isExecutable);
    const place: Place = { storePath, file, expected: labelOfSystem(expectation.system) };
    switch (format.kind) {
      case 'code': {
        const finding = this.#judgeCode(format, duty, place, expectation);
        if (finding || duty === 'other' || format.loader === undefined) return { duty, finding };
        const what = `${labelOfSlices(format.slices)} loaded`;
        return { duty, finding: await this.#judgeInterpreter(format.loader, what, place, expectation) };
      }
      case 'script': {
        if (duty !== 'executable') return { duty, finding: undefined };
        const { interpreter, program } = format.shebang;
        const first = await this.#judgeInterpreter(interpreter, 'script run', place, expectation);
        if (first || program === undefined) return { duty, finding: first };
        return { duty, finding: await this.#judgeInterpreter(program, 'script run', place, expectation) };
      }
      case 'truncated':
        return { duty, finding: duty === 'other' ? undefined : truncated(format.what, place) };
      case 'data':
      case 'other':
        return { duty, finding: undefined };
    }
  }

  #judgeCode(
    { slices, use }: Extract<ExaminedFile['format'], { kind: 'code' }>,
    duty: FileDuty,
    place: Place,
    expectation: PathExpectation,
  ): FileFinding | undefined {
    const mismatch = findMismatch(slices, expectation.system, this.#canRun);
    if (mismatch === undefined) return undefined;
    const verdict = this.#verdictOn(slices, expectation);
    if (verdict === undefined) return undefined;
    const isKernel = mismatch === 'kernel';
    const finding = {
      ...place,
      found: labelOfSlices(slices, isKernel),
      ...(isKernel && { expected: `${place.expected} for ${parseSystem(expectation.system).kernel}` }),
    };
    const note = (explanation: string): FileFinding => ({ ...finding, severity: 'info', explanation });
    if (use === 'object') return note('it is an object file, and no program');
    if (duty === 'other') return note('it lies where nothing has to run it');
    if (isNamedAfter(place.file, slices, mismatch)) return note('its place is named after that platform');
    return { ...finding, ...verdict };
  }

  /** @param what what is run or loaded by the interpreter, and how */
  async #judgeInterpreter(
    path: string,
    what: string,
    place: Place,
    expectation: PathExpectation,
  ): Promise<FileFinding | undefined> {
    const found = await this.#interpreters.find(path);
    switch (found.kind) {
      case 'elsewhere':
        return undefined;
      case 'missing': {
        const explanation = 'that file is not there';
        return { ...place, severity: 'info', found: `${what} by ${found.path}`, explanation };
      }
      case 'code': {
        const isWrong = findMismatch(found.slices, expectation.system, this.#canRun) !== undefined;
        const verdict = isWrong ? this.#verdictOn(found.slices, expectation) : undefined;
        const by = `${labelOfSlices(found.slices)}, ${found.path}`;
        return verdict && { ...place, ...verdict, found: `${what} by ${by}` };
      }
    }
  }

  /** Undefined where it is as its derivation makes it, and that is right. */
  #verdictOn(
    slices: readonly NativeCode[],
    { severity, reason, madeFor }: PathExpectation,
  ): Verdict | undefined {
    const isAsMade = madeFor !== undefined && findMismatch(slices, madeFor, this.#canRun) === undefined;
    if (isAsMade && severity === undefined) return undefined;
    const explanation = reason ?? (isAsMade ? `its derivation makes it for ${madeFor}` : undefined);
    const verdict: { severity: Severity } = { severity: severity ?? 'error' };
    return explanation === undefined ? verdict : { ...verdict, explanation };
  }
}

function truncated(what: string, place: Place): FileFinding {
  const explanation = 'it is damaged: build it again, or `nix-store --repair-path` its store path';
  return { ...place, severity: 'warning', found: `${what} header that is cut off`, explanation };
}
