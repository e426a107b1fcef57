/** A long file of package definitions, in the shape of Nixpkgs' `all-packages.nix`. */
export interface LargeFile {
  readonly text: string;
  /** A line in the middle before which there is room for another binding. */
  readonly middle: number;
}

/** Bindings in the middle that the attribute `app` uses. */
const mostUsed = 200;

/**
 * @param bindings 20,000 make about 675 KB
 */
export function largeFile(bindings: number): LargeFile {
  const middle = Math.floor(bindings / 2);
  const used = (n: number): boolean => Math.abs(n - middle) * 2 <= mostUsed;
  const lines = [
    '{ system ? builtins.currentSystem }:',
    'let',
    '  make = name: inputs: derivation { inherit name inputs system; builder = "/bin/sh"; };',
    '  pkgs = packages;',
    '  packages = {',
  ];
  let room = 0;
  const names: string[] = [];
  for (let n = 0; n < bindings; n++) {
    const name = nameOf(n);
    if (n === middle) {
      room = lines.length;
      lines.push('');
    }
    if (used(n)) names.push(name);
    lines.push(...bindingOf(name, n));
  }
  lines.push(
    '  };',
    'in',
    '{',
    `  app = make "app" [ ${names.map((name) => `packages.${name}`).join(' ')} ];`,
    '}',
    '',
  );
  return { text: lines.join('\n'), middle: room };
}

function nameOf(n: number): string {
  return `p${n.toString(36)}`;
}

/** Mostly one line; now and then a comment, a block or inputs. */
function bindingOf(name: string, n: number): string[] {
  const input = `pkgs.${nameOf(n - 1)}`;
  if (n % 50 === 49)
    return ['', `    ### SECTION ${n}`, '', `    ${name} = make "${name}" [`, `      ${input}`, '    ];'];
  if (n % 10 === 9) return [`    ${name} = with pkgs; make "${name}" (if true then [ ${input} ] else [ ]);`];
  return [`    ${name} = make "${name}" [ ];`];
}
