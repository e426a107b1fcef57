/** Everything that finds evaluation targets. */
export { findTargets } from './targets/findTargets.ts';
export { classifyFile, type FileKind } from './targets/classifyFile.ts';
export { findFileTargets } from './targets/fileTargets.ts';
export { lookInto, type FileSearch } from './targets/lookInto.ts';
export { listGroup, searchGroup } from './targets/flakeTargets.ts';
export { findPackageSet, type PackageSetName } from './targets/findPackageSet.ts';
export {
  formatAttributePath,
  noArguments,
  type FoundGroup,
  type FoundTarget,
  type SearchPart,
  type TargetSearchOptions,
} from './targets/found.ts';
export { placeOfTarget } from './targets/placeOfTarget.ts';
export { scanOnce } from './targets/scanWorkspace.ts';
export { targetFor } from './targets/targetFor.ts';
