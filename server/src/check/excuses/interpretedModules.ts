import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import { crossHost } from '../hostSystems.ts';
import { placeOfRole } from '../rules.ts';
import { toolName } from './toolsAtHand.ts';

/** A language whose modules are found by a variable, whatever platform they were built for. */
interface Interpreter {
  /** How it is called in a sentence, and its package's name without a version. */
  readonly name: string;
  readonly package: RegExp;
  /** The name of a module's package: `JSON` of `perl5.30.3-JSON-4.02`. */
  readonly module: RegExp;
  /** Modules that are compiled, with no library of another package to show it, and those that bring a program. */
  readonly compiled: RegExp;
}

/** Sources: nixpkgs, `interpreters/perl/setup-hook.sh` and `interpreters/python/setup-hook.sh`. */
const interpreters: readonly Interpreter[] = [
  {
    name: 'perl',
    package: /^perl-/,
    module: /^perl\d[\d.]*-(.+?)-(?![a-zA-Z])/,
    compiled:
      /^(?:.*[-_]?XS|DBI|DBD-.*|Class-XSAccessor|Clone|Compress-Raw-.*|Crypt-.*|DateTime|Digest-.*|HTML-Parser|List-MoreUtils|Locale-gettext|gettext|Moose|Net-SSLeay|Package-Stash|PadWalker|Params-(?:Util|Validate)|Socket6|Sub-Name|TermReadKey|Text-Iconv|Unicode-.*|Variable-Magic|XML-(?:LibXML|LibXSLT|Parser))$/,
  },
  {
    name: 'python',
    package: /^python\d*-/,
    module: /^python\d[\d.]*-(.+?)-(?![a-zA-Z])/,
    compiled:
      /^(?:.*cython.*|aiohttp|black|coverage|frozenlist|gevent|greenlet|kiwisolver|lxml|markupsafe|maturin|meson|meson-python|msgpack|multidict|mypy|mypy-protobuf|nanobind|ninja|numpy|orjson|pandas|protobuf|psutil|pybind11|pydantic-core|pyqt.*|pyyaml|regex|rpds-py|ruamel[.-]yaml[.-]clib|scipy|setproctitle|simplejson|sip|sphinx|swig|tornado|ujson|wrapt|yarl|zope[.-]interface)$/i,
  },
];

/**
 * The interpreter of a module that is not compiled, and so is the same on every
 * platform, where the consumer has that interpreter for the platform of its
 * build. Undefined for anything else.
 */
export function interpreterOfModule(
  { consumer, input }: CrossingEdge,
  graph: DerivationGraph,
): string | undefined {
  for (const { name, package: ownPackage, module, compiled } of interpreters) {
    const found = module.exec(graph.derivation(input).name)?.[1];
    if (found === undefined || compiled.test(found)) continue;
    const isPure = graph.inputs(input).every(({ input: id, roles }) => {
      const used = graph.derivation(id).name;
      const isLinked = roles.some((role) => placeOfRole[role] === 'host');
      return !isLinked || module.test(used) || ownPackage.test(used);
    });
    const hasInterpreter = graph.inputs(consumer).some(({ input: id, roles }) => {
      const tool = graph.derivation(id);
      return (
        (toolName(tool) === name || ownPackage.test(tool.name)) &&
        crossHost(tool) === undefined &&
        roles.some((role) => placeOfRole[role] === 'build')
      );
    });
    if (isPure && hasInterpreter) return name;
  }
  return undefined;
}
