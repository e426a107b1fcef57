import type { Expression, Select, Span } from '../syntax/ast.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { describeSpan } from './describeCause.ts';
import { addStep, endAt, leaveValue, type Provenance, type Trace, type Walk } from './walk.ts';

const looksLikeSystem =
  /^[a-z0-9_]+-(linux|darwin|windows|freebsd|netbsd|openbsd|cygwin|none|wasi|redox|solaris|genode|ghcjs|mmix)$/;
/** Flake outputs that have a system as their next name (Nix manual, `nix flake check`). */
const bySystem = /^(legacyPackages|packages|checks|devShells|apps)$/;

/** The evaluating machine's system, as an expression names it. */
export function endAtCurrentSystem(
  source: SourceFile,
  span: Span,
  trace: Trace,
  walk: Walk,
): Provenance | undefined {
  const { evaluatedAs } = trace.index.evidence;
  if (!trace.wrong.includes(evaluatedAs)) return undefined;
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
  source: SourceFile,
  expression: Extract<Expression, { kind: 'string' }>,
  trace: Trace,
  walk: Walk,
): Provenance | undefined {
  const { value } = expression;
  if (value === undefined || !looksLikeSystem.test(value) || !trace.wrong.includes(value)) return undefined;
  return endAt(
    walk,
    'hard-coded-system',
    source,
    expression,
    `the system is written down here as \`"${value}"\``,
  );
}

/** `legacyPackages.<system>`, `packages.<system>`: the system stands in the attribute path. */
export function followFlakeSystem(
  source: SourceFile,
  select: Select,
  trace: Trace,
  walk: Walk,
): Provenance | undefined {
  for (const [index, name] of select.path.entries()) {
    const next = select.path[index + 1];
    if (name.kind !== 'static' || !next || !bySystem.test(name.name)) continue;
    if (next.kind === 'dynamic') {
      const message = `this chooses the system of \`${name.name}\``;
      const chosen = addStep(leaveValue(walk), source, next.expression, message);
      return trace.follow({ source, expression: next.expression }, [], chosen);
    }
    if (!trace.wrong.includes(next.name)) continue;
    const span = { start: select.start, end: next.end };
    const text = describeSpan(source, span);
    return endAt(
      walk,
      'wrong-flake-system',
      source,
      span,
      `\`${text}\` takes the packages of ${next.name} by name`,
    );
  }
  return undefined;
}
