import { readers } from '../subjects.ts';
import { nixFiles, warmFrames } from '../subjects/nix.ts';
import type { Subject } from './subject.ts';

export const withNix: readonly Subject[] = [nixFiles, warmFrames];
export const subjects: readonly Subject[] = [...readers, ...withNix];

/** How many of so many cases over all subjects are one subject's. */
export function casesOf({ share }: Subject, all: number): number {
  const whole = subjects.reduce((sum, subject) => sum + subject.share, 0);
  return Math.ceil((all * share) / whole);
}
