import type { RuleId, Severity } from '../model/judgement.ts';

/** What a rule means, for people: shown by `explain`, in reports that machines read, and in the documentation. */
export interface RuleDescription {
  /** A few words. */
  readonly title: string;
  /** One sentence: the promise that is broken. */
  readonly summary: string;
  /** The worst severity that it is reported with by default. */
  readonly severity: Severity;
}

/** Every rule; a new one is a row here and whoever finds it. */
export const ruleTable: Readonly<Record<RuleId, RuleDescription>> = {
  'build-platform': {
    title: 'A build tool that cannot run where it is needed',
    summary: 'What runs while the consumer is built has to run on the platform on which it is built.',
    severity: 'error',
  },
  'host-platform': {
    title: 'An input that cannot run beside its consumer',
    summary: "What the consumer's outputs need has to run on the consumer's host platform.",
    severity: 'error',
  },
  'target-platform': {
    title: "A compiler's library for another platform",
    summary: 'What a compiler gives its products has to run on the platform that it makes code for.',
    severity: 'error',
  },
  'plain-reference': {
    title: 'A referenced path that runs nowhere',
    summary: 'A path that a derivation mentions has to run where it is built or where its outputs run.',
    severity: 'error',
  },
  'build-script': {
    title: 'A build script that runs a program of the host platform',
    summary: 'A program that a phase or a build command starts has to run on the build platform.',
    severity: 'warning',
  },
  'misplaced-tool': {
    title: 'A build tool that stands only in buildInputs',
    summary: 'A tool that runs while its consumer is built belongs into nativeBuildInputs.',
    severity: 'warning',
  },
  'missing-compiler': {
    title: 'A build without a compiler for its own platform',
    summary: 'What a build makes to start it at once has to be made for the build platform.',
    severity: 'warning',
  },
  'own-program': {
    title: 'A build that starts what it has made for the host platform',
    summary: 'A program that a build has installed runs on the host platform, and not where it is built.',
    severity: 'warning',
  },
  'runtime-script': {
    title: 'A build tool that is still named at run time',
    summary: 'What an installed script or wrapper names has to run on the host platform.',
    severity: 'warning',
  },
  'expected-platform': {
    title: 'A target that is made for another platform than was meant',
    summary:
      'An output, an image or a machine has to be for the platform that it is named after or asked for.',
    severity: 'error',
  },
  'no-builder': {
    title: 'A derivation that nobody here can build',
    summary: 'Every derivation that is not substituted needs a machine of its system and with its features.',
    severity: 'warning',
  },
  emulation: {
    title: 'An input that runs by emulation only',
    summary: 'What another processor was meant for may run here by an emulator, and still be a mistake.',
    severity: 'info',
  },
  'fixed-output': {
    title: 'Fixed content that another system has to fetch',
    summary:
      'The content is the same everywhere, but it needs a builder of its system where it is not substituted.',
    severity: 'info',
  },
  'unused-suppression': {
    title: 'A suppression that allows nothing',
    summary: 'A comment that allows a rule at a place has to be readable, give a reason and be needed.',
    severity: 'warning',
  },
};
