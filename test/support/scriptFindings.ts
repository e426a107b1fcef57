import { reasonOfHarmlessness } from '../../server/src/check/excuses/harmlessTools.ts';
import { namesProgramOf } from '../../server/src/check/scripts/namedPrograms.ts';
import { isPortableFile } from '../../server/src/check/scripts/hostPrograms.ts';
import { judgeClosure } from '../../server/src/check/judge.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { findScriptEdges } from '../../server/src/running/scriptEdges.ts';
import { StoreTexts } from '../../server/src/running/storeTexts.ts';
import { linux } from './closure.ts';
import { testShellParser } from './parser.ts';
import { SyntheticStore, type DerivationSpec, type StoredDerivation } from './syntheticStore.ts';

/** Variables of a derivation that is cross-compiled for aarch64-linux. */
export const cross = {
  stdenv: '/none',
  configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
};
/** Variables of one that runs where it is built. */
export const native = { stdenv: '/none' };

/** What a test makes its closure of. */
export interface Tools {
  readonly store: SyntheticStore;
  /** A package for the host platform, and one for the build platform. */
  readonly host: StoredDerivation;
  readonly build: StoredDerivation;
  /** A derivation for the host platform that has both as inputs. */
  readonly make: (env: Readonly<Record<string, string>>, more?: Partial<DerivationSpec>) => StoredDerivation;
}

/** What the scripts of a closure are found to do, as `rule variable:line: consumer → input`. */
export async function findingsIn(write: (tools: Tools) => StoredDerivation): Promise<string[]> {
  using store = new SyntheticStore();
  const host = store.add({ name: 'host', env: cross, outputs: ['out', 'dev'] });
  const build = store.add({ name: 'build', env: native });
  const make: Tools['make'] = (env, more = {}) =>
    store.add({ name: 'root', inputs: [[host, 'out', 'dev'], build], env: { ...cross, ...env }, ...more });
  const graph = await loadClosure(write({ store, host, build, make }).drvPath);
  const texts = new StoreTexts(graph);
  const isPortable = (input: number): boolean => isPortableFile(input, graph, texts);
  const edges = await findScriptEdges(graph, linux, texts, testShellParser, new AbortController().signal);
  const { leaks } = judgeClosure(graph, linux, {
    furtherEdges: edges,
    isPortable,
    excuse: (edge) => reasonOfHarmlessness(edge, graph, texts),
    namesProgramOf: (consumer, input) => namesProgramOf(consumer, input, graph, texts),
  });
  return leaks.flatMap((leak) =>
    leak.edges.map(({ rule, severity, consumer, input, scriptUses = [] }) => {
      const places = scriptUses.map(({ variable, line }) => `${variable}:${line}`).join(' ');
      const note = severity === 'info' ? 'note ' : '';
      return `${note}${rule} ${places}: ${graph.derivation(consumer).name} → ${graph.derivation(input).name}`;
    }),
  );
}
