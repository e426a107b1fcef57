import { unwrap, type Expression, type Select, type Span } from '../syntax/ast.ts';
import { describeSpan } from './describeCause.ts';
import { staticNames } from './setLiterals.ts';
import { addStep, endAt, follow, followSystem, type Provenance, type Way, type Waypoint } from './walk.ts';

/** A system's name, as Nix writes it. */
export const looksLikeSystem =
  /^[a-z0-9_]+-(linux|darwin|windows|freebsd|netbsd|openbsd|cygwin|none|wasi|redox|solaris|genode|ghcjs|mmix)$/;

/** The evaluating machine's system, as an expression names it. */
export function endAtCurrentSystem(span: Span, { source, trace, walk }: Waypoint): Provenance | undefined {
  const { evaluatedAs } = trace.index.evidence;
  if (!walk.isSystem || !trace.wrong.includes(evaluatedAs)) return undefined;
  return endAt(
    walk,
    'current-system',
    source,
    span,
    `the system is \`builtins.currentSystem\`: that of the machine that evaluates, here ${evaluatedAs}`,
  );
}

/** A system that is written down. */
export function endAtLiteral(
  expression: Extract<Expression, { kind: 'string' }>,
  { source, trace, walk }: Waypoint,
): Provenance | undefined {
  const { value } = expression;
  if (!walk.isSystem || value === undefined || !looksLikeSystem.test(value) || !trace.wrong.includes(value))
    return undefined;
  return endAt(
    walk,
    'hard-coded-system',
    source,
    expression,
    `the system is written down here as \`"${value}"\``,
  );
}

/** `legacyPackages.<system>`, `pkgsFor.${system}`: the system stands in the attribute path. */
export function* followFlakeSystem(select: Select, { source, trace, walk }: Waypoint): Way {
  for (const name of select.path) {
    if (name.kind === 'dynamic') {
      const chosen = addStep(followSystem(walk), source, name.expression, 'this chooses among the systems');
      const found = yield* follow({ source, expression: name.expression }, [], chosen);
      if (found) return found;
      continue;
    }
    if (!looksLikeSystem.test(name.name) || !trace.wrong.includes(name.name)) continue;
    const span = { start: select.start, end: name.end };
    const text = describeSpan(source, span);
    return endAt(
      walk,
      'wrong-flake-system',
      source,
      span,
      `\`${text}\` takes the packages of ${name.name} by name`,
    );
  }
  return undefined;
}

/**
 * `config.nixpkgs.system` and its like: options of a NixOS configuration that
 * tell nothing of its `pkgs` where those were given whole, or were told their
 * system by another option (nixpkgs, `nixos/modules/misc/nixpkgs.nix`).
 */
export function endAtOption(select: Select, { source, path, trace, walk }: Waypoint): Provenance | undefined {
  const base = unwrap(select.base);
  const names = [...(staticNames(select.path) ?? []), ...path];
  if (!walk.isSystem || base.kind !== 'variable' || base.name !== 'config') return undefined;
  if (names[0] !== 'nixpkgs' || names.length < 2) return undefined;
  const option = `config.${names.join('.')}`;
  const wrong = trace.wrong.join(' or ');
  return endAt(
    walk,
    'system-option',
    source,
    select,
    `the system is the option \`${option}\`, here ${wrong}, which need not be that of \`pkgs\``,
  );
}
