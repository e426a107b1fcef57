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
    'GLIB_MKENUMS GLIB_GENMARSHAL GLIB_COMPILE_RESOURCES GDBUS_CODEGEN WAYLAND_SCANNER VALAC'
  ).split(' '),
);

const programSuffix = /(?:_PRG|_EXECUTABLE|_FOR_BUILD|_PROTOC_PATH)$/;

/** Is the value of a variable or flag of this name a program that the build starts? */
export function namesProgram(name: string): boolean {
  return programNames.has(name) || programSuffix.test(name);
}

/**
 * Interpreters that `configure` often only writes into scripts, to be run there
 * later; make runs them. (Of Python, autoconf's macro asks the version.)
 */
const interpreterNames = new Set(['PERL', 'RUBY', 'SHELL', 'BASH']);

/** The path in `NAME=path`, `-DNAME=path` or `-DNAME:TYPE=path` of a flag that names a program to start. */
export function programOfFlag(flag: string, isForMake = false): string | undefined {
  const { name, value } =
    /^(?:-D\s*)?(?<name>\w+)(?::[A-Z]+)?=["']?(?<value>\/[^\s"']*)/.exec(flag)?.groups ?? {};
  if (name === undefined || value === undefined) return undefined;
  return namesProgram(name) || (isForMake && interpreterNames.has(name)) ? value : undefined;
}

/** Are these flags for make, which runs what its variables name? */
export function isForMake(name: string): boolean {
  return /^(?:g?make|(?:make|build|install)Flags(?:Array)?)$/.test(name);
}

/** Is it a variable whose words are flags for `configure`, `make` and their kin (nixpkgs, `setup.sh`)? */
export function holdsFlags(name: string): boolean {
  return /^(?:configure|cmake|meson|make|ninja|build|install|waf|qmake|scons)Flags(?:Array)?$/.test(name);
}

/** Is it a program that starts others which its arguments name? */
export function takesProgramFlags(program: string): boolean {
  return (
    /(?:^|\/)(?:[Cc]onfigure|autogen\.sh|g?make|cmake|meson|ninja|waf|scons|qmake)$/.test(program) ||
    /^\.\.?\//.test(program)
  );
}
