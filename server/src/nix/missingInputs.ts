/** Inputs of a flake would have to be fetched, which happens only when somebody asks for it. */
export class MissingInputsError extends Error {
  override readonly name = 'MissingInputsError';
  readonly inputs: readonly string[];
  /** Absolute path of the flake. */
  readonly flake: string;
  readonly advice: string;

  constructor(inputs: readonly string[], flake: string) {
    const one = inputs.length === 1;
    super(
      `The flake’s ${one ? 'input' : 'inputs'} ${inputs.join(', ')} ${one ? 'is' : 'are'} not on this machine.`,
    );
    this.inputs = inputs;
    this.flake = flake;
    this.advice = `Fetch ${one ? 'it' : 'them'} once, with \`nix flake archive\` in ${flake}; nothing is downloaded without being asked for.`;
  }
}
