import type { JudgementContext } from '../model/judgementContext.ts';
import { judgeClosure } from '../check/judge.ts';
import { loadClosure } from '../derivation/loadClosure.ts';
import { nameOf } from '../model/storePath.ts';
import { findAbsent, findDerivers } from '../nix/runtimeClosure.ts';
import type { VerificationOptions, VerificationRequest } from './verifyOutputs.ts';

/**
 * What is to be verified of a store path; the derivation that made it says
 * what it is for, where the store still has that.
 *
 * @throws NixFailure where Nix does not tell
 */
export async function storePathRequest(
  storePath: string,
  context: JudgementContext,
  { nix, signal, timeoutMs }: Pick<VerificationOptions, 'nix' | 'signal' | 'timeoutMs'>,
): Promise<VerificationRequest> {
  const asking = { signal, timeoutMs };
  const request: VerificationRequest = { name: nameOf(storePath), subject: { storePaths: [storePath] } };
  if ((await findAbsent(nix, [storePath], asking)).size > 0) return request;
  const deriver = (await findDerivers(nix, [storePath], asking)).get(storePath);
  if (deriver === undefined || (await findAbsent(nix, [deriver], asking)).size > 0) return request;
  const graph = await loadClosure(deriver, { signal });
  return { ...request, graph, leaks: judgeClosure(graph, context).leaks };
}
