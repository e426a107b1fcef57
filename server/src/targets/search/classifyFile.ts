import { basename } from 'node:path';
import { unwrap, type AttributeSet, type Expression } from '../../syntax/ast.ts';
import { resultOf } from '../../syntax/descent.ts';
import type { SourceFile } from '../../syntax/sourceFile.ts';

/** What a file seems to be, read off its syntax. */
export type FileKind =
  | 'flake'
  | 'nixops'
  | 'colmena'
  | 'nixos'
  | 'home-manager'
  | 'darwin'
  | 'module'
  | 'package'
  | 'value';

const moduleArguments = new Set(['config', 'pkgs', 'lib', 'options', 'modulesPath']);
/** Options that a whole system sets, and a module that is made to be shared rarely does. */
const systemOptions =
  /^(fileSystems|boot\.(loader|initrd|kernelPackages)|networking\.host(Name|Id)|system\.(stateVersion|nixos)|nixpkgs\.(localSystem|crossSystem|system|hostPlatform))(\.|$)/;
const homeOptions = /^home\.(stateVersion|username|homeDirectory)$/;
const darwinOptions =
  /^(system\.(defaults|keyboard|primaryUser)|homebrew|services\.nix-daemon|launchd)(\.|$)/;
const hiveOptions = /^meta\.(nixpkgs|nodeNixpkgs|specialArgs|nodeSpecialArgs|description|name)(\.|$)/;

/** Tells what a file is for; nothing is evaluated. */
export function classifyFile(source: SourceFile): FileKind {
  const name = basename(source.file);
  if (name === 'flake.nix') return 'flake';
  const set = setOf(source.root);
  const names = set === undefined ? [] : attributeNames(set);
  if (isModule(source.root, names)) {
    if (name === 'home.nix' || names.some((path) => homeOptions.test(path))) return 'home-manager';
    if (name === 'darwin-configuration.nix' || names.some((path) => darwinOptions.test(path)))
      return 'darwin';
    return name === 'configuration.nix' || names.some((path) => systemOptions.test(path))
      ? 'nixos'
      : 'module';
  }
  if (names.some((path) => hiveOptions.test(path))) return 'colmena';
  if (names.some((path) => /^network(\.|$)/.test(path)) || (set && hasMachine(set))) return 'nixops';
  return wantsArguments(source.root) ? 'package' : 'value';
}

/** The names of machines that a network or hive spells out; undefined where there may be others. */
export function literalMachines(source: SourceFile): string[] | undefined {
  const set = setOf(source.root);
  if (set === undefined) return undefined;
  const names = new Set<string>();
  for (const binding of set.bindings) {
    if (binding.kind !== 'attribute') return undefined;
    const [first] = binding.path;
    if (first?.kind !== 'static' || first.name === 'require') return undefined;
    names.add(first.name);
  }
  return [...names].filter((name) => !reserved.has(name));
}

const reserved = new Set(['network', 'meta', 'defaults', 'resources', 'nixpkgs']);

function isModule(root: Expression, names: readonly string[]): boolean {
  const saysSo = names.some((path) => /^(imports|options)(\.|$)/.test(path) || systemOptions.test(path));
  const at = unwrap(root);
  if (at.kind !== 'lambda') return saysSo;
  const takes = (at.formals ?? []).some(({ name }) => moduleArguments.has(name.name));
  return at.ellipsis && (takes || saysSo) && !isPackage(at);
}

/** `{ stdenv, lib, ... }:` is called with packages, not with a configuration. */
function isPackage({ formals = [] }: Extract<Expression, { kind: 'lambda' }>): boolean {
  return (
    formals.some(({ name }) => /^(stdenv|fetch.*|mk[A-Z].*|build[A-Z].*|callPackage)$/.test(name.name)) &&
    !formals.some(({ name }) => name.name === 'config' || name.name === 'modulesPath')
  );
}

function wantsArguments(root: Expression): boolean {
  const at = unwrap(root);
  return at.kind === 'lambda' && (at.formals ?? []).some(({ fallback }) => fallback === undefined);
}

/** One of the set's values is a module that says how it is deployed. */
function hasMachine(set: AttributeSet): boolean {
  return set.bindings.some((binding) => {
    if (binding.kind !== 'attribute') return false;
    const module = setOf(binding.value);
    return module !== undefined && attributeNames(module).some((path) => /^deployment(\.|$)/.test(path));
  });
}

/** The set that an expression results in, below bindings and arguments. */
function setOf(expression: Expression): AttributeSet | undefined {
  const result = resultOf(expression);
  return result.kind === 'attribute-set' ? result : undefined;
}

/** `a.b` for `a.b = …` and for `a = { b = …; }`. */
function attributeNames(set: AttributeSet, prefix = '', depth = 2): string[] {
  return set.bindings.flatMap((binding) => {
    if (binding.kind !== 'attribute') return [];
    const path = prefix + binding.path.map((name) => (name.kind === 'static' ? name.name : '*')).join('.');
    const value = unwrap(binding.value);
    const below =
      depth > 0 && value.kind === 'attribute-set' ? attributeNames(value, `${path}.`, depth - 1) : [];
    return [path, ...below];
  });
}
