import { severities } from '../check/rules.ts';
import type { Severity } from '../model/judgement.ts';
import type { FileFinding, VerificationCounts, VerifiedPath } from '../model/verification.ts';
import type { RuntimeClosure } from '../nix/runtimeClosure.ts';
import type { PathExpectation } from './expectations.ts';
import type { JudgedFile } from './judgeFile.ts';
import type { ExaminedFile } from './scanFiles.ts';

/** So many findings of one severity are kept of a store path; more are only counted. */
const keptOfEach = 50;

interface Kept {
  readonly findings: FileFinding[];
  readonly omitted: Record<Severity, number>;
}

/** Gathers what was found, file by file. */
export class Findings {
  readonly #byPath = new Map<string, Kept>();
  readonly #counts = { files: 0, executables: 0, libraries: 0, scripts: 0 };

  get counts(): Omit<VerificationCounts, 'storePaths' | 'foreignPaths'> {
    return { ...this.#counts };
  }

  add({ format }: ExaminedFile, { duty, finding }: JudgedFile): void {
    this.#counts.files += 1;
    if (format.kind === 'script' && duty === 'executable') this.#counts.scripts += 1;
    if (format.kind === 'code' && duty === 'executable') this.#counts.executables += 1;
    if (format.kind === 'code' && duty === 'library') this.#counts.libraries += 1;
    if (!finding) return;
    let kept = this.#byPath.get(finding.storePath);
    if (!kept) {
      kept = { findings: [], omitted: { error: 0, warning: 0, info: 0 } };
      this.#byPath.set(finding.storePath, kept);
    }
    const ofSame = kept.findings.filter(({ severity }) => severity === finding.severity).length;
    if (ofSame < keptOfEach) kept.findings.push(finding);
    else kept.omitted[finding.severity] += 1;
  }

  /** Store paths with findings, and those through which something foreign comes in; the worst first. */
  byPath(
    expectations: ReadonlyMap<string, PathExpectation>,
    closure: RuntimeClosure,
    asked: readonly string[],
  ): readonly VerifiedPath[] {
    const ways = waysFrom(asked, closure);
    const told = [...expectations].filter(([path, { isEntry }]) => isEntry || this.#byPath.has(path));
    return told
      .map(([storePath, { derivation, madeFor }]): VerifiedPath => {
        const { findings = [], omitted = { error: 0, warning: 0, info: 0 } } =
          this.#byPath.get(storePath) ?? {};
        return {
          storePath,
          path: ways(storePath),
          ...(derivation && { drvPath: derivation.drvPath }),
          ...(madeFor !== undefined && { madeFor }),
          findings: [...findings].sort(
            (one, other) => rank(one) - rank(other) || (one.file < other.file ? -1 : 1),
          ),
          omitted,
        };
      })
      .sort(
        (one, other) =>
          rank(one.findings[0]) - rank(other.findings[0]) || one.path.length - other.path.length,
      );
  }
}

function rank(finding: FileFinding | undefined): number {
  return finding === undefined ? severities.length : severities.indexOf(finding.severity);
}

/** One shortest way from what was asked for to a store path, each referring to the next. */
function waysFrom(asked: readonly string[], { references }: RuntimeClosure): (path: string) => string[] {
  const before = new Map<string, string | undefined>(asked.map((path) => [path, undefined]));
  for (const path of before.keys()) {
    for (const next of references.get(path) ?? []) if (!before.has(next)) before.set(next, path);
  }
  return (path) => {
    const way: string[] = [];
    for (let at: string | undefined = path; at !== undefined; at = before.get(at)) way.unshift(at);
    return way;
  };
}
