import { bindFromWith } from './bindFromWith.ts';
import { dropBuildPackages } from './dropBuildPackages.ts';
import { moveToNative } from './moveToNative.ts';
import { passSystem } from './passSystem.ts';
import type { Repair } from './repair.ts';
import { replaceSystem } from './replaceSystem.ts';
import { takeFromPkgs } from './takeFromPkgs.ts';
import { usePkgsBuildHost } from './usePkgsBuildHost.ts';

/** All repairs, the likeliest first. A new one is a file and a row here. */
export const repairs: readonly Repair[] = [
  bindFromWith,
  passSystem,
  takeFromPkgs,
  replaceSystem,
  usePkgsBuildHost,
  moveToNative,
  dropBuildPackages,
];
