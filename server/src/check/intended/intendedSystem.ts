import type { Report } from '../../model/report.ts';
import type { System } from '../../model/system.ts';
import { likelyHost } from '../hostSystems.ts';
import { namedSystem } from './namedSystem.ts';

/** Where the outputs of a target are meant to run; undefined where nothing says so. */
export function intendedSystem({
  request,
  evaluatedAs,
  graph,
}: Pick<Report, 'request' | 'evaluatedAs' | 'graph'>): System | undefined {
  if (request.expect !== undefined) return request.expect;
  const named = namedSystem(request.target, evaluatedAs);
  if (named) return named.system;
  const root = graph.derivation(graph.root);
  // A machine is what its configuration says.
  return /^(?:nixos|darwin)-system-/.test(root.name) ? likelyHost(root) : undefined;
}
