import { bindFromWith } from './repairs/bindFromWith.ts';
import { dropBuildPackages } from './repairs/dropBuildPackages.ts';
import { moveToNative } from './repairs/moveToNative.ts';
import { passSystem } from './repairs/passSystem.ts';
import type { Repair } from './repair.ts';
import { replaceSystem } from './repairs/replaceSystem.ts';
import { takeFromPkgs } from './repairs/takeFromPkgs.ts';
import { usePkgsBuildHost } from './repairs/usePkgsBuildHost.ts';

/** All repairs, the likeliest first. A new one is a file and a row here. */
export const repairs: readonly Repair[] = [
  bindFromWith,
  passSystem,
  replaceSystem,
  dropBuildPackages,
  takeFromPkgs,
  usePkgsBuildHost,
  moveToNative,
];
