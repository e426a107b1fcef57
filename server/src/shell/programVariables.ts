/**
 * Names of variables and flags whose value is a program that a build starts:
 * those of make's built-in rules (GNU make manual, "Implicit Variables"), of
 * autoconf's macros (autoconf manual, "Particular Programs") and of CMake's
 * find modules (`…_EXECUTABLE`).
 */
const programNames = new Set(
  (
    'AR AS CC CPP CXX FC LD NM M4 LEX FLEX YACC BISON RANLIB STRIP OBJCOPY OBJDUMP READELF ' +
    'CONFIG_SHELL HOSTCC HOSTCXX HOST_CC BUILD_CC BUILDCC F77 PKG_CONFIG PKGCONFIG PYTHON PYTHON2 PYTHON3 ' +
    'PROTOC GPERF SWIG XSLTPROC XMLLINT MSGFMT MAKEINFO HELP2MAN DOXYGEN QMAKE MOC UIC RCC ' +
    'GLIB_MKENUMS GLIB_GENMARSHAL GLIB_COMPILE_RESOURCES GDBUS_CODEGEN WAYLAND_SCANNER VALAC ' +
    // Packages of npm start it (documentation of esbuild, "Binary path").
    'ESBUILD_BINARY_PATH'
  ).split(' '),
);

/**
 * Programs that make files of a build and have no other use, by the variable
 * that is called like them: documentation, generated sources, compilers.
 */
const generators = new Set(
  (
    'A2X ASCIIDOC ASCIIDOCTOR DB2X_XSLTPROC DOCBOOK2MAN DOCBOOK2TEXI GO_MD2MAN HELP2MAN LATEX MARKDOWN PANDOC ' +
    'PDFLATEX POD2HTML POD2MAN RONN RST2HTML RST2MAN SCDOC SPHINX_BUILD TEXI2ANY TEXI2DVI TEXI2PDF TXT2MAN XMLTO ' +
    'ACLOCAL AUTOCONF AUTOHEADER AUTOMAKE AUTORECONF BYACC CMAKE CYTHON GENGETOPT G_IR_COMPILER G_IR_SCANNER ' +
    'INTLTOOL_EXTRACT INTLTOOL_MERGE INTLTOOL_UPDATE NASM RAGEL RE2C RSVG_CONVERT VAPIGEN YASM ' +
    'CARGO DMD FPC GHC JAVAC LDC2 MCS OCAMLC OCAMLFIND OCAMLOPT RUSTC'
  ).split(' '),
);

/** Is a variable called like the program that it names: `XMLTO=…/bin/xmlto`? */
function isCalledLike(name: string, program: string): boolean {
  const file = program.slice(program.lastIndexOf('/') + 1).replace(/\.py$/, '');
  return file !== '' && name === file.replaceAll('-', '_').toUpperCase();
}

const programSuffix = /(?:_PRG|_EXECUTABLE|_FOR_BUILD|_PROTOC_PATH)$/;

/** Is the value of a variable or flag of this name a program that the build starts? */
export function namesProgram(name: string): boolean {
  return programNames.has(name) || programSuffix.test(name);
}

/**
 * What `configure` often only writes into scripts, to be run there later; make
 * runs it. (Of Python, autoconf's macro asks the version.) `INSTALL` copies what
 * is installed (GNU make manual, "Command Variables").
 */
const namesForMake = new Set(['PERL', 'RUBY', 'SHELL', 'BASH', 'INSTALL']);

/** Programs that make files of a build, and that it starts where an option names them: `--with-protoc=…/bin/protoc`. */
const programsOfOptions = new Set(
  'protoc cython swig xsltproc xmllint msgfmt makeinfo help2man doxygen rpcgen'.split(' '),
);

/** The path in `NAME=path`, `-DNAME=path` or `-DNAME:TYPE=path` of a flag that names a program to start. */
export function programOfFlag(flag: string, isForMake = false): string | undefined {
  const { name, value } =
    /^(?:-D\s*)?(?<name>\w+)(?::[A-Z]+)?=["']?(?<value>\/[^\s"']*)/.exec(flag)?.groups ?? {};
  if (name === undefined || value === undefined) return programOfOption(flag);
  const isStarted = namesProgram(name) || namesGenerator(name, value);
  return isStarted || (isForMake && namesForMake.has(name)) ? value : undefined;
}

function programOfOption(flag: string): string | undefined {
  const [, name = '', value = ''] = /^--with-([\w-]+)=["']?(\/[^\s"']*\/bin\/[^\s"']+)/.exec(flag) ?? [];
  return programsOfOptions.has(name) ? value : undefined;
}

/**
 * The path in an option that names a Python: `configure` starts it to ask for its version, and some of
 * them go on without an answer.
 */
export function pythonOfOption(flag: string): string | undefined {
  return /^--with-python[23]?=["']?(\/[^\s"']*\/bin\/[^\s"']+)/.exec(flag)?.[1];
}

/** Is the value of a variable a program that build scripts of crates start, or tests only, which a cross build leaves out? */
export function mayNameProgram(name: string): boolean {
  return name === 'RUSTFMT';
}

/** Does the build load a library from the folder that a variable names (documentation of the crate `clang-sys`)? */
export function namesLoadedLibrary(name: string): boolean {
  return name === 'LIBCLANG_PATH';
}

/** The path in a flag for make, whatever its variable is called. */
export function programForMake(flag: string): string | undefined {
  return /^[A-Za-z_]\w*=["']?(\/[^\s"']*\/s?bin\/[^\s"']+)/.exec(flag)?.[1];
}

/** Is a variable's value a program that makes files of the build, by both of their names? */
export function namesGenerator(name: string, value: string): boolean {
  return generators.has(name) && isCalledLike(name, value);
}

/** The path in a flag for make whose variable is called like the program: whether make starts it is not known. */
export function programInCapitals(flag: string): string | undefined {
  const { name = '', value = '' } = /^(?<name>[A-Z]\w*)=["']?(?<value>\/[^\s"']*)/.exec(flag)?.groups ?? {};
  return isCalledLike(name, value) ? value : undefined;
}

/** Are these flags for make, which runs what its variables name? */
export function isForMake(name: string): boolean {
  return /^(?:g?make|(?:make|build|install)Flags(?:Array)?)$/.test(name);
}

/** Is it a variable whose words are flags for `configure`, `make` and their kin (nixpkgs, `setup.sh`)? */
export function holdsFlags(name: string): boolean {
  return /^(?:configure|cmake|meson|gn|make|ninja|build|install|waf|qmake|scons)Flags(?:Array)?$/.test(name);
}

/** Is it a program that starts others which its arguments name? */
export function takesProgramFlags(program: string): boolean {
  return (
    /(?:^|\/)(?:[Cc]onfigure|autogen\.sh|g?make|cmake|meson|ninja|waf|scons|qmake)$/.test(program) ||
    /^\.\.?\//.test(program)
  );
}
