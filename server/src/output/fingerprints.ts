import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { AttributedLeak, Report } from '../model/report.ts';
import { groupBy } from '../model/groupBy.ts';
import type { SourceRange } from '../model/location.ts';
import { packageNameOf } from '../model/storePath.ts';
import { bindingPathOf } from '../syntax/bindingPath.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceFile, type SourceFile } from '../syntax/sourceFile.ts';

/**
 * By what a leak is known again in another version of the source: nothing of it
 * changes when lines move, when other bindings are renamed, when a package
 * comes in another version, or with the system that the target is evaluated as.
 */
export interface LeakIdentity {
  readonly rule: string;
  /** Relative to the source root; empty where no expression was seen to bring it in. */
  readonly file: string;
  /** The names under which the expression is bound, joined by dots. */
  readonly within: string;
  /** The expression on one line; without one, the consumer's package name. */
  readonly text: string;
  /** The package name of the input. */
  readonly input: string;
}

export interface Fingerprint extends LeakIdentity {
  /** 20 hexadecimal digits. */
  readonly hash: string;
}

export type Fingerprints = ReadonlyMap<AttributedLeak, Fingerprint>;

/**
 * A fingerprint for each leak of a report, no two of them the same.
 *
 * @param root absolute path of the source root, to which files are relative
 */
export function fingerprintsOf(report: Report, parser: NixParser, root: string): Fingerprints {
  const sources = new Map<string, SourceFile | undefined>();
  const sourceOf = (file: string): SourceFile | undefined => {
    if (!sources.has(file)) {
      const text = report.sources.get(file);
      sources.set(file, text === undefined ? undefined : parseSourceFile(file, text, parser));
    }
    return sources.get(file);
  };
  const identities = report.leaks.map((leak) => {
    const identity = identityOf(leak, report, root, (source) => withinOf(source, sourceOf(source.file)));
    return { leak, identity, key: JSON.stringify(Object.values(identity)) };
  });
  const fingerprints = new Map<AttributedLeak, Fingerprint>();
  for (const [key, alike] of groupBy(identities, (one) => one.key)) {
    // What nothing tells apart is told apart by its number.
    for (const [index, { leak, identity }] of alike.entries())
      fingerprints.set(leak, { ...identity, hash: hashOf(`${key} ${index}`) });
  }
  return fingerprints;
}

/** That of its leaks whose input's name comes first: it does not change with what each of them weighs. */
export function fingerprintOfFinding(
  leaks: readonly AttributedLeak[],
  fingerprints: Fingerprints,
): string | undefined {
  const [first] = leaks
    .flatMap((leak) => fingerprints.get(leak) ?? [])
    .sort((one, other) => compare(one.input, other.input) || compare(one.hash, other.hash));
  return first?.hash;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function identityOf(
  { rule, input, origins: [origin], edges }: AttributedLeak,
  { graph }: Report,
  root: string,
  within: (source: SourceRange) => string,
): LeakIdentity {
  const packageOf = (id: number): string => packageNameOf(graph.derivation(id).name);
  const named = { rule, input: packageOf(input) };
  if (!origin) {
    const [consumer = ''] = edges.map((edge) => packageOf(edge.consumer)).sort();
    return { ...named, file: '', within: '', text: consumer };
  }
  const { source, text } = origin;
  return {
    ...named,
    file: relative(root, source.file),
    within: within(source),
    text: text.replace(/\s+/g, ' ').trim(),
  };
}

function withinOf({ range }: SourceRange, source: SourceFile | undefined): string {
  if (!source) return '';
  const start = source.lines.offsetAt(range.start);
  const end = source.lines.offsetAt(range.end);
  return bindingPathOf(source, { start, end }).join('.');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}
