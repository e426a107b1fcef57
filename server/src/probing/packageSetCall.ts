import { unwrap, type Apply, type AttributeBinding, type Binding, type Expression } from '../syntax/ast.ts';
import { resolveVariable } from '../syntax/scopes.ts';
import { textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { isBuiltinImport } from './pathUse.ts';

/** `import nixpkgs { inherit system; config = { }; }`: nothing of its arguments but systems is made by the program. */
export interface PackageSetCall {
  /** `import nixpkgs`. */
  readonly importing: Apply;
  /** The bindings whose values are constants, as they are written. */
  readonly constants: string;
  /** The names of the others, which name systems. */
  readonly systems: readonly string[];
}

/** Undefined where an expression is no such call. */
export function packageSetCall(call: Apply, source: SourceFile): PackageSetCall | undefined {
  const importing = unwrap(call.fn);
  if (importing.kind !== 'apply' || !isBuiltinImport(importing.fn, source.scopes)) return undefined;
  const given = unwrap(call.argument);
  if (given.kind !== 'attribute-set' || given.recursive) return undefined;
  const constants: string[] = [];
  const systems: string[] = [];
  for (const binding of given.bindings) {
    const names = systemsOf(binding);
    if (isConstantBinding(binding, source)) constants.push(bindingText(binding, source));
    else if (names) systems.push(...names);
    else return undefined;
  }
  return { importing, constants: constants.join(' '), systems };
}

/** The names that a binding gives to systems; undefined where it has others. */
function systemsOf(binding: Binding): string[] | undefined {
  if (binding.kind === 'inherit-from' || binding.kind === 'attribute') {
    const [name] = binding.kind === 'attribute' ? binding.path : binding.names;
    const isOne = (binding.kind === 'attribute' ? binding.path : binding.names).length === 1;
    return isOne && name?.kind === 'static' && name.name === 'system' ? ['system'] : undefined;
  }
  const isSystem = binding.names.every((name) => name.kind === 'static' && name.name === 'system');
  return isSystem ? binding.names.map(() => 'system') : undefined;
}

function bindingText({ path, value }: AttributeBinding, source: SourceFile): string {
  return `${path.map((name) => textOf(source, name)).join('.')} = ${textOf(source, value)};`;
}

function isConstantBinding(binding: Binding, source: SourceFile): binding is AttributeBinding {
  return (
    binding.kind === 'attribute' &&
    binding.path.every((name) => name.kind === 'static') &&
    isConstant(binding.value, source)
  );
}

/** Is a value the same wherever it is written? */
function isConstant(expression: Expression, source: SourceFile): boolean {
  const value = unwrap(expression);
  switch (value.kind) {
    case 'literal':
      return true;
    case 'string':
      return value.interpolations.length === 0;
    case 'variable':
      return (
        ['true', 'false', 'null'].includes(value.name) &&
        resolveVariable(value, source.scopes).kind === 'builtin'
      );
    case 'list':
      return value.elements.every((element) => isConstant(element, source));
    case 'attribute-set':
      return !value.recursive && value.bindings.every((binding) => isConstantBinding(binding, source));
    default:
      return false;
  }
}
