/**
 * The root of what `nix-instantiate` printed.
 *
 * @throws Error where the attribute is a set of several derivations, which has no single root
 */
export function onlyRoot(roots: readonly string[], attribute: string): string {
  const [root] = roots;
  if (root === undefined || roots.length !== 1) throw new SeveralRootsError(roots, attribute);
  return root.replace(/!.*$/, '');
}

/** The target is no single derivation. */
class SeveralRootsError extends Error {
  override readonly name = 'SeveralRootsError';

  constructor(roots: readonly string[], attribute: string) {
    const what = attribute === '' ? 'the file' : `the attribute ${attribute}`;
    const names = roots
      .slice(0, 8)
      .map((root) => root.replace(/^.*\/[a-z0-9]{32}-/, '').replace(/\.drv(!.*)?$/, ''));
    super(
      roots.length === 0
        ? `${what} has no derivation as its value`
        : `${what} is a set of ${roots.length} derivations (${names.join(', ')}${roots.length > 8 ? ', …' : ''}): choose one of its attributes`,
    );
  }
}
