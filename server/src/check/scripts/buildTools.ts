/** A package whose programs are started by builds. */
export interface BuildTool {
  readonly programs: readonly string[];
  /** It has no use but to be started by a build: neither a library nor something to be run later. */
  readonly pure: boolean;
  /**
   * Its setup hook starts it in a phase of the build, unless one of these variables is set
   * (nixpkgs manual, "Hooks").
   */
  readonly hookUnless?: readonly string[];
  /** It is no pure build tool, and yet a setup hook that brings it along starts it. */
  readonly startedByHooks?: boolean;
  /** It is no pure build tool, and what people want of it is mostly that make starts it. */
  readonly oftenStarted?: boolean;
  /** Its library takes code that the same version of it has generated, and no other. */
  readonly generates?: boolean;
  /** The endings of the files that it generates. */
  readonly products?: RegExp;
  /** It is run later as well, but only by whoever names its path: it is no library, and no interpreter of scripts. */
  readonly namedByPath?: boolean;
}

const pure = (...programs: string[]): BuildTool => ({ programs, pure: true });
const other = (...programs: string[]): BuildTool => ({ programs, pure: false });
const often = (...programs: string[]): BuildTool => ({ ...other(...programs), oftenStarted: true });
const generator = (...programs: string[]): BuildTool => ({ ...often(...programs), generates: true });
const named = (...programs: string[]): BuildTool => ({ ...other(...programs), namedByPath: true });

/** Build tools by the name of their package, without its version. Others have a program of the package's name. */
const tools: ReadonlyMap<string, BuildTool> = new Map([
  [
    'cmake',
    {
      ...pure('cmake', 'ctest', 'cpack'),
      hookUnless: ['configurePhase', 'dontConfigure', 'dontUseCmakeConfigure'],
    },
  ],
  ['meson', { ...pure('meson'), hookUnless: ['configurePhase', 'dontConfigure', 'dontUseMesonConfigure'] }],
  ['ninja', { ...pure('ninja'), hookUnless: ['buildPhase', 'dontBuild', 'dontUseNinjaBuild'] }],
  ['scons', { ...pure('scons'), hookUnless: ['buildPhase', 'dontBuild', 'dontUseSconsBuild'] }],
  ['pkg-config', pure('pkg-config')],
  ['pkg-config-wrapper', pure('pkg-config')],
  ['autoconf', pure('autoconf', 'autoreconf', 'autoheader', 'autom4te')],
  ['automake', pure('automake', 'aclocal')],
  ['bison', pure('bison', 'yacc')],
  ['byacc', pure('yacc')],
  ['flex', pure('flex', 'lex')],
  ['gnum4', pure('m4')],
  ['gperf', pure('gperf')],
  ['intltool', pure('intltoolize', 'intltool-update', 'intltool-extract', 'intltool-merge')],
  ['help2man', pure('help2man')],
  ['texinfo', pure('makeinfo', 'texi2any', 'texi2dvi', 'texi2pdf')],
  ['ragel', pure('ragel')],
  ['swig', pure('swig')],
  ['yasm', pure('yasm')],
  ['nasm', pure('nasm')],
  ['doxygen', pure('doxygen')],
  ['asciidoc', pure('asciidoc', 'a2x')],
  ['xmlto', pure('xmlto')],
  ['gtk-doc', pure('gtkdocize', 'gtkdoc-scan', 'gtkdoc-mkhtml')],
  ['gengetopt', pure('gengetopt')],
  ['imake', pure('imake', 'xmkmf')],
  ['vala', pure('valac', 'vapigen')],
  ['patchelf', pure('patchelf')],
  ['paxctl', pure('paxctl')],
  ['desktop-file-utils', other('desktop-file-install', 'desktop-file-validate', 'update-desktop-database')],
  ['docbook2x', pure('docbook2man', 'docbook2texi', 'db2x_xsltproc')],
  ['dpkg', other('dpkg', 'dpkg-deb')],
  ['gettext', other('msgfmt', 'msgmerge', 'xgettext', 'autopoint', 'gettextize')],
  ['ghostscript', other('gs', 'ps2pdf')],
  [
    'glib',
    other(
      'glib-compile-resources',
      'glib-compile-schemas',
      'glib-genmarshal',
      'glib-mkenums',
      'gdbus-codegen',
    ),
  ],
  ['gobject-introspection', often('g-ir-scanner', 'g-ir-compiler')],
  ['go-md2man', pure('go-md2man')],
  ['graphviz', other('dot')],
  ['groff', named('groff', 'nroff', 'troff', 'tbl', 'eqn', 'pic')],
  ['gtk+3', other('gtk-update-icon-cache')],
  ['gtk4', other('gtk4-update-icon-cache')],
  ['imagemagick', other('convert', 'magick')],
  ['jdk', other('javac', 'java', 'jar')],
  ['librsvg', other('rsvg-convert')],
  ['libxml2', other('xmllint')],
  ['libxslt', often('xsltproc')],
  ['mono', other('mono', 'mcs', 'gmcs', 'csc', 'xbuild', 'msbuild')],
  ['nodejs', other('node', 'npm', 'npx')],
  ['ocaml', other('ocaml', 'ocamlc', 'ocamlopt')],
  ['openjdk', other('javac', 'java', 'jar')],
  ['po4a', pure('po4a')],
  ['p7zip', other('7z', '7za')],
  ['protobuf', { ...generator('protoc'), products: /\.pb\.(?:cc|h)$|_pb2\.py$/ }],
  ['protobuf-c', { ...often('protoc-c', 'protoc'), products: /\.pb-c\.[ch]$/ }],
  ['perl', often('perl')],
  ['python', other('python', 'python2')],
  ['python3', other('python3', 'python')],
  ['qtbase', { ...other('qmake', 'moc', 'uic', 'rcc'), startedByHooks: true }],
  ['pandoc', named('pandoc')],
  ['re2c', pure('re2c')],
  ['ronn', pure('ronn')],
  ['rpm', other('rpm', 'rpm2cpio')],
  ['scdoc', pure('scdoc')],
  ['sqlite', other('sqlite3')],
  ['tcl', other('tclsh')],
  ['txt2man', pure('txt2man')],
  ['unifdef', pure('unifdef')],
  ['wayland', other('wayland-scanner')],
  ['xmltoman', pure('xmltoman', 'xmlmantohtml')],
]);

/**
 * The programs of a package.
 *
 * @param name without version and host platform, as by {@link packageName}
 */
export function toolOf(name: string): BuildTool {
  return tools.get(name) ?? other(name);
}

/** Does a package have programs that builds are known to start? */
export function isKnownTool(name: string): boolean {
  return tools.has(name);
}

/**
 * The name of a package without its version (Nix manual, `builtins.parseDrvName`): the version begins
 * at the first dash that no letter follows.
 */
export function packageName(derivationName: string): string {
  return /^(.+?)-(?![a-zA-Z])/.exec(derivationName)?.[1] ?? derivationName;
}
