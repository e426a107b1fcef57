import type { SourceRange } from '../model/location.ts';

interface InputsErrorOptions extends ErrorOptions {
  readonly place?: SourceRange | undefined;
}

/** Inputs of a flake would have to be fetched, which happens only when somebody asks for it. */
export class MissingInputsError extends Error {
  override readonly name = 'MissingInputsError';
  readonly inputs: readonly string[];
  /** Absolute path of the flake. */
  readonly flake: string;
  /** Where flake.nix names the first of them that it names. */
  readonly place: SourceRange | undefined;
  readonly advice: string;

  constructor(inputs: readonly string[], flake: string, { place, ...options }: InputsErrorOptions = {}) {
    super(`The flake’s ${subject(inputs)} not on this machine.`, options);
    this.inputs = inputs;
    this.flake = flake;
    this.place = place;
    this.advice = `Fetch ${inputs.length === 1 ? 'it' : 'them'} once, with \`nix flake archive\` in ${flake}; nothing is downloaded without being asked for.`;
  }
}

/** Inputs of a flake are not in its lock file: Nix would look for them on the network. */
export class UnlockedInputsError extends Error {
  override readonly name = 'UnlockedInputsError';
  readonly inputs: readonly string[];
  /** Absolute path of the flake. */
  readonly flake: string;
  /** Where flake.nix names the first of them that it names. */
  readonly place: SourceRange | undefined;
  readonly advice: string;

  constructor(inputs: readonly string[], flake: string, { place, ...options }: InputsErrorOptions = {}) {
    super(`The flake’s ${subject(inputs)} not locked: flake.lock is missing or out of date.`, options);
    this.inputs = inputs;
    this.flake = flake;
    this.place = place;
    this.advice = `Lock ${inputs.length === 1 ? 'it' : 'them'} once, with \`nix flake lock\` in ${flake}, which may download; nothing is downloaded without being asked for.`;
  }
}

function subject(inputs: readonly string[]): string {
  const one = inputs.length === 1;
  return `${one ? 'input' : 'inputs'} ${inputs.join(', ')} ${one ? 'is' : 'are'}`;
}
