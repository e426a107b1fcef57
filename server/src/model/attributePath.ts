/**
 * Cuts `build."x.y".z` into its names, as `nix-instantiate -A` and what stands
 * behind a flake's `#` are read (Nix source: `parseAttrPath`); nothing in quotes
 * is escaped. Empty for the empty path.
 */
export function splitAttributePath(text: string): string[] {
  const names: string[] = [];
  let name = '';
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (character === '.' && !quoted) {
      names.push(name);
      name = '';
    } else name += character;
  }
  return name === '' ? names : [...names, name];
}
