import type { Derivation } from '../../model/derivation.ts';
import type { DerivationFault } from '../../model/judgement.ts';
import { parseSystem, runsOn, type System } from '../../model/system.ts';
import type { EvaluationRequest } from '../../model/target.ts';
import { likelyHost } from '../hostSystems.ts';
import { describePlatforms, faultOf } from './expectedPlatform.ts';
import type { Image } from './images.ts';
import { namedSystem, type NamedSystem } from './namedSystem.ts';

/** What of an evaluation tells where its root is meant to run. */
export interface Intention {
  readonly request: Pick<EvaluationRequest, 'target' | 'expect'>;
  readonly evaluatedAs: System;
}

/**
 * Judges the root by what it was asked for: by a person (`expect`), else by its
 * target's attribute path.
 *
 * @param image the root, where it is an image
 */
export function judgeRoot(
  root: Derivation,
  image: Image | undefined,
  { request: { target, expect }, evaluatedAs }: Intention,
): DerivationFault[] {
  // Data, and what is the same on every system, is right everywhere.
  if (root.host.kind === 'neutral') return [];
  if (expect !== undefined) return [judgeExpected(root, image, expect)].flatMap((fault) => fault ?? []);
  const named = namedSystem(target, evaluatedAs);
  return [named && judgeNamed(root, image, named)].flatMap((fault) => fault ?? []);
}

function judgeExpected(
  root: Derivation,
  image: Image | undefined,
  expect: System,
): DerivationFault | undefined {
  const host = image?.system ?? likelyHost(root);
  if (host === undefined) {
    const explanation = `${root.name} is cross-compiled for a platform that it does not tell: nobody knows whether it runs on ${expect}, as was asked for`;
    return faultOf(root, 'info', expect, root.system, explanation);
  }
  const compatibility = runsOn(host, expect);
  if (compatibility === 'native' || compatibility === 'compatible') return undefined;
  if (compatibility === 'emulated') {
    const explanation = `${root.name} runs on ${host}, and on ${expect} only by emulation`;
    return faultOf(root, 'info', expect, host, explanation);
  }
  // What its own configuration or its `system` says is a fact, and so is what was evaluated; anything else is inferred.
  const isCertain = host === root.system || isEvaluated(root);
  const severity = image || isCertain ? 'error' : 'warning';
  const what = image ? `is an image for ${image.label}` : describePlatforms(root, host);
  const advice = `take it from packages for ${expect}, or correct what is expected`;
  return faultOf(
    root,
    severity,
    expect,
    host,
    `${root.name} ${what}, but ${expect} was asked for: ${advice}`,
  );
}

function isEvaluated({ host }: Derivation): boolean {
  return host.kind === 'system' && host.certainty === 'evaluated';
}

function judgeNamed(
  root: Derivation,
  image: Image | undefined,
  { system, path, isBuildPlatform, severity }: NamedSystem,
): DerivationFault | undefined {
  const host = likelyHost(root);
  if (runsOn(root.system, system) !== 'no') return undefined;
  if (!isBuildPlatform && host !== undefined && runsOn(host, system) !== 'no') return undefined;
  const name = `${root.name} is built on ${root.system}, but its attribute path, ${path}, names ${system}`;
  const isOfMac = parseSystem(root.system).kernel !== parseSystem(system).kernel;
  if (image || (root.name.startsWith('nixos-') && isOfMac)) {
    // Who works on a Mac and deploys to Linux means it: somebody else has to build it.
    const explanation = `${name}: it needs a builder for ${root.system} there`;
    return faultOf(root, 'info', system, root.system, explanation);
  }
  const advice = `take it from the packages of ${system}, or name it after ${root.system}`;
  return faultOf(root, severity, system, root.system, `${name}: ${advice}`);
}
