import type { NixFailureReason } from './failure.ts';

interface Advice {
  readonly pattern: RegExp;
  /** A text, or what makes one of the pattern's match. */
  readonly advice: string | ((match: RegExpExecArray) => string);
}

const switchOnFeature = (feature: string): string =>
  `Switch it on: \`extra-experimental-features = ${feature}\` in nix.conf, or \`--option extra-experimental-features ${feature}\`.`;

/** What helps against well-known errors of Nix; the first pattern that fits counts. */
const evaluationAdvice: readonly Advice[] = [
  {
    pattern: /no space left on device|database or disk is full|disk quota exceeded|ENOSPC|EDQUOT/i,
    advice:
      'A disk is full. Make room where Nix’s store, temporary files (`TMPDIR`) or caches (`XDG_CACHE_HOME`) lie, e.g. by `nix-collect-garbage`, and evaluate again.',
  },
  {
    pattern:
      /is not tracked by Git|(?:^|\s)(?:path|file) '[^']*-source\/[^']*' does not exist|getting status of '[^']*-source\//,
    advice: 'A flake sees only the files that Git knows: `git add` the new file.',
  },
  {
    pattern: /experimental (?:Nix )?feature '([^']+)' is (?:disabled|not enabled)/,
    advice: ([, feature]) => switchOnFeature(feature ?? 'flakes'),
  },
  {
    // Versions before 2.19 leave the function out where flakes are switched off.
    pattern: /attribute 'getFlake' missing|undefined variable 'getFlake'/,
    advice: switchOnFeature('flakes'),
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
    pattern: /^(?:file )?'([^']*)' was not found in the Nix search path/,
    advice: ([, path]) => {
      const name = path?.split('/')[0] ?? 'NAME';
      return `Tell Nix where it is: \`-I ${name}=PATH\`, or the environment variable NIX_PATH.`;
    },
  },
  {
    pattern: /^syntax error|^undefined variable/,
    advice: 'Correct the text at this place; nothing was evaluated.',
  },
  {
    pattern: /argument without a value \('([^']+)'\)/,
    advice: ([, name]) =>
      `Pass it with \`--arg ${name} EXPRESSION\` or \`--argstr ${name} STRING\`, or give it a default in the file.`,
  },
  {
    pattern: /called without required argument '([^']+)'/,
    advice: ([, name]) =>
      `Pass \`${name}\` where the function is called, or give it a default among its formals.`,
  },
  {
    pattern: /called with unexpected argument '([^']+)'/,
    advice: ([, name]) =>
      `Remove \`${name}\` where the function is called (an \`--arg\` of that name, perhaps), or add \`...\` to its formals.`,
  },
  {
    pattern:
      /does not evaluate to a derivation|choose one of its attributes|has no derivation as its value|is no derivation and no configuration|is not a derivation|should be a set but is/,
    advice: 'Choose an attribute whose value is a derivation: `-A ATTRIBUTE`, or another target.',
  },
  {
    pattern: /^flake '.*' does not provide attribute/,
    advice: 'Check the name, and whether the flake has it for the system that is evaluated as.',
  },
  {
    pattern: /in selection path .* not found|^attribute '.*' missing/,
    advice: 'Check the name; it may have been renamed or removed in this version of the package set.',
  },
  {
    pattern: /unfree license|allowUnfree/,
    advice: 'Allow it: `config.allowUnfree = true`, or NIXPKGS_ALLOW_UNFREE=1 in the environment.',
  },
  {
    pattern: /marked as insecure|permittedInsecurePackages/,
    advice: 'Allow it by name in `config.permittedInsecurePackages`, or set NIXPKGS_ALLOW_INSECURE=1.',
  },
  {
    pattern:
      /marked as broken|not available on the requested hostPlatform|unsupported system|is not supported on|allowUnsupportedSystem/i,
    advice:
      'The package says that it does not work on this platform. Evaluate as another system, or set `config.allowBroken` or `config.allowUnsupportedSystem`.',
  },
  {
    pattern:
      /access to (?:absolute path|URI|canonical path) .* is forbidden|in pure eval(?:uation)? mode|pure-eval|restricted mode/,
    advice: 'A flake is evaluated purely. Take the value from an input, or pass `--option pure-eval false`.',
  },
  {
    pattern:
      /unable to download|could(?:n't| not) resolve host|failed to fetch|cannot fetch|unable to access '|Cannot find Git revision|program 'git' failed/i,
    advice: 'Something has to be fetched and cannot be. Check the network, the proxy and the URL.',
  },
  {
    pattern:
      /cannot connect to (?:the )?(?:socket|daemon)|daemon-socket|connection to remote store|daemon disconnected/i,
    advice:
      'The Nix daemon does not answer. Start it (`systemctl start nix-daemon.socket`), or repair the installation; then evaluate again.',
  },
  {
    pattern: /is not a valid URL|is not a (?:local )?path|unexpected (?:query|fragment)/,
    advice:
      'Correct the flake reference. Old versions of Nix cannot read a flake whose folder has blanks or other special characters in its path: upgrade Nix, or move the folder.',
  },
  {
    pattern:
      /permission denied|operation not permitted|read-only file system|not allowed to|lacks? a signature/i,
    advice: 'Nix may not read or write there. Check who owns the file, and that you may use the Nix daemon.',
  },
  {
    pattern: /is not tracked by Git|does not contain a '?(?:\S*\/)?flake\.nix/,
    advice: 'In a repository a flake sees only files that git knows: `git add` it.',
  },
  {
    pattern: /No such file or directory|path '.*' does not exist/,
    advice:
      'The file is not there: check its path. Of a flake in a git repository only files that git knows are seen: `git add` it.',
  },
  {
    pattern: /is required to build|required system or feature not available|platform mismatch/,
    advice:
      'The evaluation itself needs a build, on a machine of another platform: add a builder for it, or avoid importing from a derivation.',
  },
];

const reasonAdvice: Readonly<Partial<Record<NixFailureReason, string>>> = {
  timeout:
    'Raise the time limit (`--timeout`; in the editor nixPlatformLens.evaluation.timeout), or look for a computation without end.',
  'out-of-memory':
    'Raise the memory limit (`--memory-limit`; in the editor nixPlatformLens.evaluation.memoryLimit), or evaluate a smaller attribute.',
  'too-much-output': 'Look for a `builtins.trace` in a computation without end.',
  'missing-command':
    'Install Nix whole, or name the folder of another one (`--nix`; in the editor nixPlatformLens.nix.directory).',
  'no-wall':
    'The machine has too much to do, or may start no more processes. Evaluate again when it has less to do.',
  crashed: 'Run the same evaluation with nix-instantiate in a terminal to see more.',
};

/** In characters: what Nix says itself is shorter, and a repository's own words may have any length. */
const longestKnown = 10_000;

/** What a person can do about a failure, where that is known. */
export function adviceFor(reason: NixFailureReason, message: string): string | undefined {
  if (reason !== 'evaluation') return reasonAdvice[reason];
  const start = message.slice(0, longestKnown);
  for (const { pattern, advice } of evaluationAdvice) {
    const match = pattern.exec(start);
    if (match) return typeof advice === 'string' ? advice : advice(match);
  }
  return undefined;
}
