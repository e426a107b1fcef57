/**
 * The options of Nix that a repository's files may name: the target file, and
 * what an editor reads from the workspace's own settings. An allow-list, so
 * that an option that Nix gets tomorrow is refused. What is on it starts no
 * program and reaches no further than an evaluation does by itself; of what
 * protects the person, it can be switched on and not off.
 */
interface AllowedOption {
  /** What the value has to match, as a whole. */
  readonly pattern: RegExp;
  /** What is wrong with any other value, for people. */
  readonly expected: string;
  readonly description: string;
}

/** Features that change what can be written, and nothing of what can be run, fetched or built. */
const harmlessFeatures = [
  'nix-command',
  'flakes',
  'fetch-tree',
  'repl-flake',
  'pipe-operators',
  'pipe-operator',
  'no-url-literals',
  'parse-toml-timestamps',
  'ca-derivations',
  'dynamic-derivations',
];

const features: AllowedOption = {
  pattern: wordsOf(`(?:${harmlessFeatures.join('|')})`),
  expected: `features of ${listed(harmlessFeatures)}, with blanks between them`,
  description: 'Features of the Nix language and of flakes.',
};

const onlyTrue = (description: string): AllowedOption => ({
  pattern: /^true$/,
  expected: '"true": a repository can make an evaluation stricter, and not less strict',
  description,
});

const yesOrNo = (description: string): AllowedOption => ({
  pattern: /^(?:true|false)$/,
  expected: '"true" or "false"',
  description,
});

/** By the exact name that Nix knows them by: it knows no other spelling. */
const allowedOptions: Readonly<Record<string, AllowedOption>> = {
  system: {
    pattern: /^[a-z0-9_]+(?:-[a-z0-9_.]+)+$/i,
    expected: 'a system such as "x86_64-linux"',
    description: 'The value of builtins.currentSystem.',
  },
  'pure-eval': onlyTrue('Nothing of the machine is seen but what is named with its hash.'),
  'restrict-eval': onlyTrue('Only files of the search path and of the store are read.'),
  'allowed-uris': {
    // A path here would open files of the machine to `restrict-eval`.
    pattern: wordsOf(String.raw`(?:(?:git\+)?(?:https?|ssh)://[^\s/]\S*|(?:github|gitlab|sourcehut):\S*)`),
    expected: 'addresses such as "https://example.org/ github:", with blanks between them, and no paths',
    description: 'Addresses that `restrict-eval` lets through. Nothing is downloaded unasked.',
  },
  'experimental-features': features,
  'extra-experimental-features': features,
  'max-call-depth': {
    pattern: /^[1-9][0-9]{0,6}$/,
    expected: 'a number of at most seven digits',
    description: 'How deep functions may call each other.',
  },
  'warn-dirty': yesOrNo('Whether Nix warns of changes that are not committed.'),
  'trace-verbose': yesOrNo('Whether builtins.traceVerbose prints.'),
};

/** In characters; a repository names some addresses and features, and no list of thousands. */
export const longestValue = 4000;

const allowedNames = Object.keys(allowedOptions);

/** Why a repository's file may not set an option to a value, and where a person may; undefined where it may. */
export function refusedOption(name: string, value: string): string | undefined {
  const option = Object.hasOwn(allowedOptions, name) ? allowedOptions[name] : undefined;
  const isTooLong = value.length > longestValue;
  if (option && !isTooLong && option.pattern.test(value)) return undefined;
  const what = option
    ? `a repository’s files may set the option ${quoted(name)} only to ${isTooLong ? `at most ${longestValue} characters` : option.expected}`
    : `a repository’s files may not set the option ${quoted(name)} of Nix, only ${listed(allowedNames)}`;
  return `${what}; set it yourself with --option on the command line, or in nixPlatformLens.targets of your own user settings`;
}

/** The part of a JSON Schema that lists the allowed options, for editors. */
export const allowedOptionsSchema = {
  description: '--option: names and values of Nix settings, of those that a repository’s files may set.',
  propertyNames: undefined,
  properties: Object.fromEntries(
    Object.entries(allowedOptions).map(([name, { pattern, description, expected }]) => [
      name,
      {
        type: 'string',
        pattern: pattern.source,
        maxLength: longestValue,
        description: `${description} Value: ${expected}.`,
      },
    ]),
  ),
  additionalProperties: false,
} as const;

/** One or several of a kind, with blanks between them; a line break would be another line of nix.conf. */
function wordsOf(word: string): RegExp {
  return new RegExp(`^${word}(?: +${word})*$`);
}

/** As JSON: odd characters of a name are seen. */
function quoted(name: string): string {
  return JSON.stringify(name);
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
