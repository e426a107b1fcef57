/**
 * The root of what `nix-instantiate` printed.
 *
 * @throws SeveralRootsError where the attribute is no derivation, but a set of several, or of none
 */
export function onlyRoot(roots: readonly string[], attribute: string): string {
  const [root] = roots;
  if (root === undefined || roots.length !== 1) throw new SeveralRootsError(roots, attribute);
  return root.replace(/!.*$/, '');
}

/** More names of one set help nobody. */
const mostNames = 8;

/** The target is no single derivation. */
export class SeveralRootsError extends Error {
  override readonly name = 'SeveralRootsError';
  readonly roots: readonly string[];
  readonly attribute: string;

  /** @param attributes those that can be chosen, where they are known: whole attribute paths */
  constructor(roots: readonly string[], attribute: string, attributes: readonly string[] = []) {
    const what = attribute === '' ? 'the file' : `the attribute ${attribute}`;
    if (attributes.length > 0)
      super(`${what} is no derivation itself: choose one of its attributes, ${listOf(attributes)}`);
    else if (roots.length === 0) super(`${what} has no derivation as its value`);
    else {
      const names = listOf(roots.map(nameOfRoot));
      super(`${what} is a set of ${roots.length} derivations (${names}): choose one of its attributes`);
    }
    this.roots = roots;
    this.attribute = attribute;
  }
}

function listOf(names: readonly string[]): string {
  return `${names.slice(0, mostNames).join(', ')}${names.length > mostNames ? ', …' : ''}`;
}

function nameOfRoot(root: string): string {
  return root.replace(/^.*\/[a-z0-9]{32}-/, '').replace(/\.drv(!.*)?$/, '');
}
