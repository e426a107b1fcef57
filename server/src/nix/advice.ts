import type { NixFailureReason } from './failure.ts';

interface Advice {
  readonly pattern: RegExp;
  readonly advice: string;
}

/** What helps against well-known errors of Nix; the first pattern that fits counts. */
const evaluationAdvice: readonly Advice[] = [
  {
    pattern: /^experimental Nix feature '[^']+' is disabled/,
    advice:
      "Switch it on: add `experimental-features = nix-command flakes` to nix.conf, or pass `--option experimental-features 'nix-command flakes'`.",
  },
  {
    pattern: /allow-import-from-derivation|import.from.derivation/i,
    advice:
      'The expression imports the result of a build. Allow it in the setting nixPlatformLens.evaluation.allowImportFromDerivation, or with `--option allow-import-from-derivation true`; Nix then builds while it evaluates.',
  },
  {
    pattern: /^infinite recursion encountered/,
    advice:
      'A value needs itself. Look for a `rec` set, a `let` or an overlay whose attribute uses its own name; in a module, for `config` in `imports`.',
  },
  {
    pattern: /stack overflow|max-call-depth exceeded/,
    advice: 'A function calls itself without end, or a value is nested too deeply.',
  },
  {
    pattern: /was not found in the Nix search path|cannot find .* Nix search path/,
    advice:
      'Tell Nix where it is: `-I NAME=PATH` (the setting nixPlatformLens.evaluation.include), or the environment variable NIX_PATH.',
  },
  {
    pattern: /^syntax error/,
    advice: 'Correct the syntax at this place; nothing was evaluated.',
  },
  {
    pattern: /(?:without|missing) required argument|called without required argument/,
    advice:
      'Pass it with `--arg NAME EXPRESSION` or `--argstr NAME STRING`, or give it a default in the file.',
  },
  {
    pattern: /called with unexpected argument|unexpected argument/,
    advice: 'Remove it (an `--arg` that the function does not take, perhaps), or add `...` to its formals.',
  },
  {
    pattern: /does not evaluate to a derivation|is no derivation and no configuration|is not a derivation/,
    advice: 'Choose an attribute whose value is a derivation: `-A ATTRIBUTE`, or another target.',
  },
  {
    pattern:
      /does not provide attribute|in selection path .* not found|attribute '[^']+' (?:missing|not found)|is missing$/,
    advice: 'Check the name; a flake attribute of packages also needs the system that is evaluated as.',
  },
  {
    pattern: /unfree license|allowUnfree/,
    advice:
      'Allow it: NIXPKGS_ALLOW_UNFREE=1 in the environment (flakes: with `--impure`), or `config.allowUnfree = true`.',
  },
  {
    pattern: /marked as insecure|permittedInsecurePackages/,
    advice: 'Allow it by name in `config.permittedInsecurePackages`, or set NIXPKGS_ALLOW_INSECURE=1.',
  },
  {
    pattern:
      /marked as broken|not available on the requested hostPlatform|unsupported system|allowUnsupportedSystem/i,
    advice:
      'The package says that it does not work on this platform. Evaluate as another system, or set `config.allowBroken`/`config.allowUnsupportedSystem`.',
  },
  {
    pattern:
      /unable to download|Could(?:n't| not) resolve host|cannot fetch|fetching .* failed|Failed to fetch|unable to access/i,
    advice:
      'Something has to be fetched and the network gives no answer. Check the connection, the proxy and the URL.',
  },
  {
    pattern:
      /is not allowed (?:to refer|in pure)|pure (?:evaluation|eval) mode|access to absolute path .* is forbidden/,
    advice: 'Flakes are evaluated purely. Take the value from an input, or pass `--option pure-eval false`.',
  },
  {
    pattern: /cannot connect to .*daemon|daemon-socket|cannot connect to socket/,
    advice:
      'The Nix daemon does not answer. Start it (`systemctl start nix-daemon.socket`), or repair the installation.',
  },
  {
    pattern: /Permission denied|you do not have .*permission|Operation not permitted|Read-only file system/i,
    advice: 'Nix may not read or write there. Check who owns the file, and that you may use the Nix daemon.',
  },
  {
    pattern: /(?:opening|getting status of|reading) .*No such file or directory|path '.*' does not exist/,
    advice: 'The file is not there; in a flake only files that git tracks are (`git add` it).',
  },
  {
    pattern: /is required to build|required system or feature not available|platform mismatch/,
    advice:
      'The evaluation itself needs a build, on a machine of another platform: add a builder for it, or avoid the import from a derivation.',
  },
];

const reasonAdvice: Readonly<Partial<Record<NixFailureReason, string>>> = {
  timeout:
    'Raise the time limit in the settings (nixPlatformLens.evaluation.timeoutSeconds), or look for a computation without end.',
  'out-of-memory':
    'Raise the memory limit in the settings (nixPlatformLens.evaluation.memoryLimitMiB), or evaluate a smaller attribute.',
  'too-much-output': 'Look for a `builtins.trace` in a computation without end.',
  'missing-command':
    'Install Nix whole, or name the folder of another one in the setting nixPlatformLens.nix.directory.',
  crashed: 'Run the same evaluation with nix-instantiate in a terminal to see more.',
};

/** What a person can do about a failure, where that is known. */
export function adviceFor(reason: NixFailureReason, message: string): string | undefined {
  return reason === 'evaluation'
    ? evaluationAdvice.find(({ pattern }) => pattern.test(message))?.advice
    : reasonAdvice[reason];
}
