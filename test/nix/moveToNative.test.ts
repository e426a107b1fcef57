import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyEdits } from '../../server/src/fixes/applyEdits.ts';
import { fixesOf } from '../support/fixes.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

/** A set for aarch64-linux with a build tool, whose arguments of callPackage are spliced. */
const cross = `
  tools = final: prev: { bison = prev.stdenv.mkDerivation { name = "bison-3.7"; }; pkgsBuildHost = build; };
  build = import set { system = "x86_64-linux"; overlays = [ tools ]; };
  pkgs = import set {
    system = "x86_64-linux"; crossSystem = "aarch64-linux"; overlays = [ tools ];
    spliced = final: builtins.mapAttrs (name: host: host // { __spliced = { buildHost = build.\${name}; hostTarget = host; }; }) { inherit (final) bison git hello; };
  };`;

describe('a build tool in buildInputs', () => {
  for (const [name, files, expected] of [
    [
      'an argument of callPackage, to a list that is there',
      {
        'default.nix': `{ set }: let ${cross} in pkgs.callPackage ./root.nix { }`,
        'root.nix': `{ stdenv, bison, hello, git }:
stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ ];
  buildInputs = [ git bison hello ];
  buildPhase = "bison -d parser.y";
}`,
      },
      `  nativeBuildInputs = [ bison ];
  buildInputs = [ git hello ];`,
    ],
    [
      'an argument of callPackage, to a list that has to be made',
      {
        'default.nix': `{ set }: let ${cross} in pkgs.callPackage ./root.nix { }`,
        'root.nix': `{ stdenv, bison, hello }:
stdenv.mkDerivation {
  name = "root";
  buildInputs = [
    hello
    bison
  ];
  buildPhase = "bison -d parser.y";
}`,
      },
      `  nativeBuildInputs = [
    bison
  ];
  buildInputs = [
    hello
  ];`,
    ],
    [
      'a selected package, which is not spliced',
      {
        'default.nix': `{ set }: let ${cross} in
pkgs.stdenv.mkDerivation {
  name = "root";
  buildInputs = with pkgs; [ hello pkgs.bison ];
  buildPhase = "bison -d parser.y";
}`,
      },
      `  nativeBuildInputs = [ pkgs.pkgsBuildHost.bison ];
  buildInputs = with pkgs; [ hello ];`,
    ],
  ] as const) {
    test(`is moved to nativeBuildInputs, proven: ${name}`, async () => {
      await using open = await openWorkspace({ files });
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      assert.deepEqual(
        report.leaks.map(({ rule, severity, origins: [origin] }) => [
          severity,
          rule,
          origin?.text.split('.').at(-1),
        ]),
        [['warning', 'misplaced-tool', 'bison']],
      );
      const fixes = await fixesOf(report, open);
      const [proven] = fixes.filter(({ proof }) => proof.kind === 'proven');
      assert.ok(proven, JSON.stringify(fixes));
      const [text = ''] = applyEdits(proven.edits, report.sources).values();
      assert.ok(text.includes(expected), text);
    });
  }
});

/** Package files with a tool in the wrong list, and what they are once it is repaired. */
const moves: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    'the only element of its list takes the name with it',
    '  buildInputs = [ bison ];',
    '  nativeBuildInputs = [ bison ];',
  ],
  [
    'the list goes, with its line, where nothing is left in it',
    `  nativeBuildInputs = [ git ];
  buildInputs = [ bison ];
  propagatedBuildInputs = [ hello ];`,
    `  nativeBuildInputs = [ git bison ];
  propagatedBuildInputs = [ hello ];`,
  ],
  [
    'a comment about the list that goes',
    `  nativeBuildInputs = [
    git # for the version
  ];

  # for the grammar
  buildInputs = [
    bison # really
  ];
`,
    `  nativeBuildInputs = [
    git # for the version
    # for the grammar
    bison # really
  ];
`,
  ],
  [
    'a condition goes along',
    '  buildInputs = [ hello ] ++ lib.optionals true [ bison ];',
    `  nativeBuildInputs = lib.optionals true [ bison ];
  buildInputs = [ hello ];`,
  ],
  [
    'the same condition on the other side is used',
    `  nativeBuildInputs = [ git ] ++ lib.optionals true [ hello ];
  buildInputs = lib.optionals true [ bison hello ];`,
    `  nativeBuildInputs = [ git ] ++ lib.optionals true [ hello bison ];
  buildInputs = lib.optionals true [ hello ];`,
  ],
  [
    'one element of a condition',
    `  nativeBuildInputs = [ ];
  buildInputs = [ hello ] ++ lib.optional true bison;`,
    `  nativeBuildInputs = lib.optional true bison;
  buildInputs = [ hello ];`,
  ],
  [
    'lines of their own, and the comments of the element only',
    `  src = null;

  buildInputs = [
    # always
    hello
    # for the grammar
    bison # not byacc
    git # for the version
  ]
  ++ lib.optionals true [
    hello
  ];
`,
    `  src = null;

  nativeBuildInputs = [
    # for the grammar
    bison # not byacc
  ];

  buildInputs = [
    # always
    hello
    git # for the version
  ]
  ++ lib.optionals true [
    hello
  ];
`,
  ],
  [
    'a condition in a line of its own',
    `  nativeBuildInputs = [
    git
  ];
  buildInputs = [
    hello
  ]
  ++ lib.optionals true [
    bison
  ];
`,
    `  nativeBuildInputs = [
    git
  ]
  ++ lib.optionals true [
    bison
  ];
  buildInputs = [
    hello
  ];
`,
  ],
  [
    'the set of a `with` is named where the other list has none',
    `  nativeBuildInputs = [ git ];
  buildInputs = with pkgs; [ hello bison ];`,
    `  nativeBuildInputs = [ git pkgs.pkgsBuildHost.bison ];
  buildInputs = with pkgs; [ hello ];`,
  ],
];

/** A package file with these lists. */
const packageWith = (lists: string): string => {
  const bison = lists.includes('with pkgs') ? '' : 'bison, ';
  return `{ stdenv, lib, pkgs, ${bison}hello, git }:\nstdenv.mkDerivation {\n  name = "root";\n${lists}\n  buildPhase = "bison -d parser.y";\n}\n`;
};

describe('a tool that is moved leaves what a person would write', () => {
  for (const [name, before, after] of moves) {
    test(name, async () => {
      const files = {
        'default.nix': `{ set }: let ${cross} in pkgs.callPackage ./root.nix { }`,
        'root.nix': packageWith(before),
      };
      await using open = await openWorkspace({ files });
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      const [fix] = await fixesOf(report, open);
      assert.equal(fix?.proof.kind, 'proven', JSON.stringify(fix));
      assert.deepEqual([...applyEdits(fix.edits, report.sources).values()], [packageWith(after)]);
    });
  }

  test('a comment behind it comes along where lines end in CR LF', async () => {
    const before = packageWith(`  buildInputs = [
    hello
    bison # the parser
  ];`).replaceAll('\n', '\r\n');
    const after = packageWith(`  nativeBuildInputs = [
    bison # the parser
  ];
  buildInputs = [
    hello
  ];`).replaceAll('\n', '\r\n');
    await using open = await openWorkspace({
      files: {
        'default.nix': `{ set }: let ${cross} in pkgs.callPackage ./root.nix { }`,
        'root.nix': before,
      },
    });
    const report = expectReport(await open.evaluator.run(open.request, open.options));
    const [fix] = await fixesOf(report, open);
    assert.equal(fix?.proof.kind, 'proven', JSON.stringify(fix));
    assert.deepEqual([...applyEdits(fix.edits, report.sources).values()], [after]);
  });
});

test('a pure tool of a package in the files at hand is a warning, one deep in a package set a note', async () => {
  const own = `{ set }:
let ${cross}
  inner = pkgs.stdenv.mkDerivation { name = "inner"; buildInputs = [ pkgs.bison ]; };
in pkgs.buildEnv { name = "root"; paths = [ inner ]; }`;
  const inner = '{ pkgs }: pkgs.stdenv.mkDerivation { name = "inner"; buildInputs = [ pkgs.bison ]; }';
  const foreign = `{ set }:
let ${cross}
  library = builtins.toFile "library.nix" ${JSON.stringify(inner)};
in pkgs.buildEnv { name = "root"; paths = [ (import library { inherit pkgs; }) pkgs.bison ]; }`;
  for (const [text, severity] of [
    [own, 'warning'],
    [foreign, 'info'],
  ] as const) {
    await using open = await openWorkspace({ files: { 'default.nix': text } });
    const report = expectReport(await open.evaluator.run(open.request, open.options));
    assert.deepEqual(
      report.leaks.map((leak) => [leak.severity, leak.rule]),
      [[severity, 'misplaced-tool']],
    );
    if (severity === 'info') continue;
    const fixes = await fixesOf(report, open);
    assert.ok(
      fixes.some(({ proof }) => proof.kind === 'proven'),
      JSON.stringify(fixes),
    );
  }
});
