import type { Settings } from '../../snapshot/settings.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import {
  changed,
  delays,
  isKnown,
  otherFiles,
  unchanged,
  type Handlers,
  type SessionState,
} from '../state.ts';
import { applyLevels } from './levels.ts';

export interface SettingsEvents {
  readonly configured: { readonly settings: Settings };
  /** The person trusts the workspace. */
  readonly trusted: object;
  readonly 'folders-changed': Pick<Snapshot, 'workspaceRoots'>;
  /** What the folders share was read. */
  readonly 'folders-read': object;
  readonly 'target-files-read': Pick<Snapshot, 'targetFiles'>;
  readonly 'paths-allowed': Pick<Snapshot, 'allowedPaths'>;
  /** Another Nix is used from now on. */
  readonly 'nix-connected': object;
  readonly 'build-configuration-read': {
    readonly buildConfiguration: NonNullable<Snapshot['buildConfiguration']>;
  };
}

export const settingsEvents: Handlers<SettingsEvents> = {
  configured: (state, { settings }) => {
    const before = state.snapshot.settings;
    const isFirst = !state.isConfigured;
    const {
      state: after,
      aspects,
      actions,
    } = applyLevels(changed({ ...state, isConfigured: true }, { settings }, ['settings']).state);
    const isNamed =
      settings.targets.length > 0 || before.targets.length > 0 || after.snapshot.targetFiles.length > 0;
    const isOther = !isFirst && concernsRuns(before) !== concernsRuns(settings);
    return {
      state: isOther ? outdated(after) : after,
      aspects: ['settings', ...aspects, ...(isOther ? (['run'] as const) : [])],
      actions: [
        ...actions,
        { kind: 'configure-askers' },
        ...(settings['nix.directory'] === before['nix.directory'] ? [] : [{ kind: 'connect-nix' } as const]),
        { kind: isNamed ? 'list-targets' : 'activate-targets' },
        ...(isFirst && settings['cache.enabled'] ? [{ kind: 'resume-targets' } as const] : []),
        ...(isFirst ? [{ kind: 'evaluate-unless-known' } as const] : []),
        ...(isOther && isKnown(state.snapshot)
          ? [{ kind: 'evaluate-soon', delay: delays.open } as const]
          : []),
      ],
    };
  },
  trusted: (state) => {
    if (state.snapshot.trusted) return unchanged(state);
    return changed(
      state,
      { trusted: true, syntaxProblems: new Map() },
      ['settings', 'syntax'],
      [{ kind: 'evaluate-unless-known' }],
    );
  },
  'folders-changed': (state, { workspaceRoots }) =>
    changed(state, { workspaceRoots }, ['settings'], [{ kind: 'invalidate-targets' }]),
  'folders-read': (state) =>
    unchanged(state, [{ kind: 'list-targets' }, { kind: 'evaluate-unless-known' }, { kind: 'accompany' }]),
  'target-files-read': (state, { targetFiles }) => {
    const { state: after, aspects, actions } = applyLevels(changed(state, { targetFiles }).state);
    return { state: after, aspects: ['targets', 'syntax', ...aspects], actions };
  },
  'paths-allowed': (state, { allowedPaths }) => changed(state, { allowedPaths }, ['settings']),
  'nix-connected': (state) =>
    changed(state, { buildConfiguration: undefined }, [], [{ kind: 'invalidate-targets' }]),
  'build-configuration-read': (state, { buildConfiguration }) =>
    changed(state, { buildConfiguration }, ['settings']),
};

/** The settings on which an evaluation's outcome depends, to be compared. */
function concernsRuns(settings: Settings): string {
  const shown = /^(inlayHints|codeLens|cache)\.|^evaluation\.on|^rules$/;
  return JSON.stringify(Object.entries(settings).filter(([key]) => !shown.test(key)));
}

/** An evaluation would bring something else now, although no file has changed. */
function outdated(state: SessionState): SessionState {
  const evaluations = state.snapshot.evaluations.map((evaluation) => {
    const { evaluated } = evaluation;
    return { ...evaluation, evaluated: evaluated && { ...evaluated, diskGeneration: otherFiles } };
  });
  const remembered = [...state.remembered].map(
    ([key, evaluated]) => [key, { ...evaluated, diskGeneration: otherFiles }] as const,
  );
  return { ...state, snapshot: { ...state.snapshot, evaluations }, remembered: new Map(remembered) };
}
