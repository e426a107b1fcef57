import { binaries, flakeLocks, flakeReferences, machines } from './subjects/files.ts';
import { damagedDerivations, derivationForms, derivationJson } from './subjects/derivations.ts';
import { documents, suppressions } from './subjects/documents.ts';
import { lines, messages, probeReports } from './subjects/messages.ts';
import { sarif, storedReports } from './subjects/reports.ts';
import { attributePaths, baselines, settings, targetFiles } from './subjects/settings.ts';
import { proposedRepairs } from './subjects/repairs.ts';
import { shell } from './subjects/shell.ts';
import type { Subject } from './support/subject.ts';

/** All that needs no Nix. */
export const readers: readonly Subject[] = [
  derivationForms,
  damagedDerivations,
  derivationJson,
  lines,
  messages,
  probeReports,
  settings,
  targetFiles,
  baselines,
  attributePaths,
  binaries,
  flakeLocks,
  machines,
  flakeReferences,
  documents,
  suppressions,
  proposedRepairs,
  shell,
  sarif,
  storedReports,
];
