import type { DerivationId } from '../model/derivation.ts';

/**
 * What a row of the closure tree stands for. A row's key is its way through the
 * tree, so that one derivation may stand in many places, each with a key of its
 * own, and none of them is a cycle: a closure is acyclic.
 *
 *     leaks, notes          the groups of leaks and of notes
 *     leaks/17              the leak whose input is derivation 17
 *     leaks/17/origin.0     its first origin; leaks/17/cause its cause
 *     leaks/17/path         its path from the root; leaks/17/path/3 a step of it
 *     leaks/17/consumers    its consumers; leaks/17/consumers/3 one of them
 *     leaks/17/17           the input itself; leaks/17/17/40 one of its inputs
 *     root                  the root; root/3/17 an input of one of its inputs
 *     gap.0                 the first gap
 *     outdated              that the closure is an old one
 */
export type ClosureKey =
  | { readonly kind: 'top' }
  | { readonly kind: 'group'; readonly group: LeakGroupName }
  | { readonly kind: 'leak'; readonly input: DerivationId }
  | { readonly kind: 'path' | 'consumers'; readonly input: DerivationId }
  | { readonly kind: 'derivation'; readonly id: DerivationId }
  | { readonly kind: 'root' }
  /** A row without children, or no row at all. */
  | { readonly kind: 'leaf' };

export type LeakGroupName = 'leaks' | 'notes';

const leakRow = /^(?:leaks|notes)\/(\d+)$/;
const leakPart = /^(?:leaks|notes)\/(\d+)\/(path|consumers)$/;
const derivationRow = /^(?:root|leaks|notes)\/(?:.*\/)?(\d+)$/;

/** Reads a key; whatever is no key of a row with children is a `leaf`. */
export function parseKey(key: string | undefined): ClosureKey {
  if (key === undefined) return { kind: 'top' };
  if (key === 'leaks' || key === 'notes') return { kind: 'group', group: key };
  if (key === 'root') return { kind: 'root' };
  const leak = leakRow.exec(key);
  if (leak) return { kind: 'leak', input: Number(leak[1]) };
  const part = leakPart.exec(key);
  if (part) return { kind: part[2] === 'path' ? 'path' : 'consumers', input: Number(part[1]) };
  const derivation = derivationRow.exec(key);
  return derivation ? { kind: 'derivation', id: Number(derivation[1]) } : { kind: 'leaf' };
}
