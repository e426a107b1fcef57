import type { Script } from './buildUses.ts';

/** The phases of nixpkgs' generic builder, in their order (nixpkgs source, `setup.sh`, `genericBuild`). */
const phases = ['unpack', 'patch', 'configure', 'build', 'check', 'install', 'fixup', 'installCheck', 'dist'];

/** Variables that list further phases; where between the others they come does not matter here. */
const otherLists = [
  'preConfigurePhases',
  'preBuildPhases',
  'preInstallPhases',
  'preFixupPhases',
  'preDistPhases',
  'postPhases',
];

/** Scripts that belong to no phase, or to the unpack phase in whatever form. */
const hooks = ['preHook', 'postHook', 'setSourceRoot', 'unpackCmd'];

/** The variables of a derivation, by name, as its builder sees them. */
export type BuildVariables = ReadonlyMap<string, string>;

/**
 * The scripts of a derivation that its builder runs, in their order: a
 * `buildCommand`, or the phases with what comes before and after each.
 *
 * @param runsPhases does its builder run the phases of nixpkgs' generic builder?
 */
export function phaseScripts(variables: BuildVariables, runsPhases: boolean): Script[] {
  const named = (names: readonly string[]): Script[] =>
    names.flatMap((variable) => {
      const text = variables.get(variable);
      return text === undefined || text.trim() === '' ? [] : [{ variable, text }];
    });
  // It replaces all phases.
  if ((variables.get('buildCommand') ?? '') !== '') return named(['preHook', 'postHook', 'buildCommand']);
  if (!runsPhases) return [];
  const listed = words(variables.get('phases'));
  const usual = [
    ...words(variables.get('prePhases')),
    ...phases.filter((phase) => isRun(phase, variables)).map((phase) => `${phase}Phase`),
    ...otherLists.flatMap((list) => words(variables.get(list))),
  ];
  const run = listed.length > 0 ? listed : usual;
  return named([...hooks, ...run.flatMap((phase) => withHooks(phase, variables))]);
}

/** A phase with its hooks, unless it is written anew and does not run them. */
function withHooks(phase: string, variables: BuildVariables): string[] {
  const title = phase.charAt(0).toUpperCase() + phase.slice(1).replace(/Phase$/, '');
  const written = variables.get(phase) ?? '';
  const isCalled = (hook: string): boolean => written === '' || written.includes(hook);
  // The configure phase that is not written anew starts it.
  const started = phase === 'configurePhase' && written === '' ? ['configureScript'] : [];
  return [`pre${title}`, ...started, phase, `post${title}`].filter(
    (name) => name === phase || isCalled(name),
  );
}

/** Some phases are left out, by variables that are not empty (nixpkgs source, `setup.sh`). */
function isRun(phase: string, variables: BuildVariables): boolean {
  const isSet = (name: string): boolean => !['', '0', 'false'].includes(variables.get(name) ?? '');
  switch (phase) {
    case 'check':
      return isSet('doCheck');
    case 'installCheck':
      return isSet('doInstallCheck');
    case 'dist':
      return isSet('doDist');
    default:
      return !isSet(`dont${phase.charAt(0).toUpperCase()}${phase.slice(1)}`);
  }
}

function words(value: string | undefined): string[] {
  return value?.split(/\s+/).filter((word) => word !== '') ?? [];
}
