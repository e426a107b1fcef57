import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { findBuildFaults } from '../../server/src/running/buildFaults.ts';
import { StoreTexts } from '../../server/src/running/storeTexts.ts';
import { linux } from './closure.ts';
import { testShellParser } from './parser.ts';
import { native } from './scriptFindings.ts';
import type { StoredDerivation, SyntheticStore } from './syntheticStore.ts';

/** What is told of a build with these variables, as `severity rule: variable: line`. */
export async function buildFaultsOf(
  store: SyntheticStore,
  env: Readonly<Record<string, string>>,
  inputs: readonly StoredDerivation[] = [],
): Promise<string[]> {
  // Something that runs on one of the two platforms only, as every real package has.
  const bash = store.add({ name: 'bash', env: native });
  const root = store.add({ name: 'root', inputs: [bash, ...inputs], env: { shell: bash.out(), ...env } });
  const graph = await loadClosure(root.drvPath);
  const texts = new StoreTexts(graph);
  const { signal } = new AbortController();
  const faults = await findBuildFaults(graph, linux, texts, testShellParser, signal, () => true);
  return faults.flatMap(({ severity, rule, scriptUses = [] }) =>
    scriptUses.map(({ variable, text }) => `${severity} ${rule}: ${variable}: ${text}`),
  );
}
