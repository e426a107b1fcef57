/**
 * `npm run build:programs -- NIXPKGS [FOLDER-OF-DEBS]`: writes which programs packages have that are not
 * named like them. What is known comes from three places, all of them public:
 * - the text of a nixpkgs: `${package}/bin/program` and `getExe' package "program"` (`meta.mainProgram` a
 *   derivation says itself);
 * - the lists of files of the Debian packages on this machine (`dpkg -L`), and
 * - those of the `.deb` files in a folder (`dpkg-deb --contents`).
 * A Debian package counts where nixpkgs has one of its name, or of the name in `debianNames`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [nixpkgs, debs] = process.argv.slice(2);
if (nixpkgs === undefined) {
  process.stdout.write('Usage: npm run build:programs -- NIXPKGS [FOLDER-OF-DEBS]\n');
  process.exit(2);
}
const written = 'server/src/check/scripts/knownPrograms.json';

/** Names of Debian packages whose contents have another name in nixpkgs. */
const debianNames = new Map([
  ['squashfs-tools', 'squashfs'],
  ['libxml2-utils', 'libxml2'],
  ['xsltproc', 'libxslt'],
  ['libglib2.0-bin', 'glib'],
  ['libglib2.0-dev-bin', 'glib'],
  ['protobuf-compiler', 'protobuf'],
  ['libprotobuf-c-dev', 'protobuf-c'],
  ['protobuf-c-compiler', 'protobuf-c'],
  ['graphicsmagick-imagemagick-compat', 'graphicsmagick'],
  ['imagemagick-6.q16', 'imagemagick'],
  ['librsvg2-bin', 'librsvg'],
  ['poppler-utils', 'poppler-utils'],
  ['genisoimage', 'cdrkit'],
  ['xorriso', 'libisoburn'],
  ['grep', 'gnugrep'],
  ['sed', 'gnused'],
  ['tar', 'gnutar'],
  ['make', 'gnumake'],
  ['m4', 'gnum4'],
  ['xz-utils', 'xz'],
  ['gettext', 'gettext'],
  ['autopoint', 'gettext'],
  ['device-tree-compiler', 'dtc'],
  ['libncurses-dev', 'ncurses'],
  ['ncurses-bin', 'ncurses'],
  ['u-boot-tools', 'uboot-tools'],
  ['bsdextrautils', 'util-linux'],
  ['util-linux', 'util-linux'],
  ['fdisk', 'util-linux'],
  ['mount', 'util-linux'],
  ['openssl', 'openssl'],
  ['docutils-common', 'docutils'],
  ['libwayland-bin', 'wayland-scanner'],
  ['libgdk-pixbuf2.0-bin', 'gdk-pixbuf'],
  ['gtk-update-icon-cache', 'gtk+3'],
  ['libgtk-3-bin', 'gtk+3'],
  ['sqlite3', 'sqlite'],
  ['lua5.4', 'lua'],
  ['libimage-exiftool-perl', 'exiftool'],
  ['default-jdk-headless', 'openjdk'],
  ['cpio', 'cpio'],
  ['rpm', 'rpm'],
  ['libkrb5-dev', 'libkrb5'],
  ['texinfo', 'texinfo'],
]);

/** @type {Map<string, Set<string>>} */
const programs = new Map();
/** Names of packages as they stand in derivations, by attribute.
 * @type {Map<string, string>} */
const nameOf = new Map();
/** @type {Set<string>} */
const known = new Set();
readNixpkgs(nixpkgs);
readDebian();
write();

/**
 * @param {string} name
 * @param {string} program
 */
function add(name, program) {
  if (!/^[\w.+-]+$/.test(program) || program.startsWith('.')) return;
  const list = programs.get(name) ?? new Set();
  programs.set(name, list.add(program));
}

/** @param {string} tree */
function readNixpkgs(tree) {
  const texts = [...nixFiles(join(tree, 'pkgs')), ...nixFiles(join(tree, 'nixos'))].map((file) => ({
    file,
    text: readFileSync(file, 'utf8'),
  }));
  for (const { file, text } of texts) {
    const attribute = /\/by-name\/[^/]+\/([^/]+)\/package\.nix$/.exec(file)?.[1];
    const names = [...text.matchAll(/\bpname = "([\w.+-]+)";/g)].map(([, name = '']) => name);
    for (const name of names) known.add(name);
    if (attribute === undefined) continue;
    nameOf.set(attribute, names[0] ?? attribute);
    known.add(attribute);
  }
  for (const { text } of texts) {
    const named = [
      ...text.matchAll(/\$\{(?:[\w.]+\.)?([\w-]+?)(?:\.(?:bin|out))?\}\/s?bin\/([\w.+-]+)(?![\w.$+-]|\{)/g),
      ...text.matchAll(/getExe' (?:[\w.]+\.)?([\w-]+) "([\w.+-]+)"/g),
    ];
    for (const [, attribute = '', program = ''] of named) {
      const name = nameOf.get(attribute) ?? attribute;
      if (known.has(name)) add(name, program);
    }
  }
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function nixFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.nix'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function readDebian() {
  const info = '/var/lib/dpkg/info';
  if (existsSync(info)) {
    for (const file of readdirSync(info)) {
      const name = /^(.+?)(?::\w+)?\.list$/.exec(file)?.[1];
      if (name !== undefined) addDebian(name, readFileSync(join(info, file), 'utf8').split('\n'));
    }
  }
  for (const file of debs === undefined ? [] : readdirSync(debs)) {
    if (!file.endsWith('.deb')) continue;
    const { stdout } = spawnSync('dpkg-deb', ['--contents', join(String(debs), file)], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const paths = stdout.split('\n').map((line) => /\s\.(\/\S+)(?: -> .*)?$/.exec(line)?.[1] ?? '');
    addDebian(file.replace(/_.*/, ''), paths);
  }
}

/**
 * @param {string} debian
 * @param {readonly string[]} paths
 */
function addDebian(debian, paths) {
  const name = debianNames.get(debian) ?? debian;
  if (!known.has(name) && !debianNames.has(debian)) return;
  for (const path of paths) {
    const program = /^(?:\/usr)?\/s?bin\/([^/]+)$/.exec(path)?.[1];
    if (program !== undefined) add(name, program);
  }
}

/** Packages that have more programs than one, or one of another name. */
function write() {
  const told = [...programs.keys()].sort().flatMap((name) => {
    const others = [...(programs.get(name) ?? [])].filter((program) => program !== name).sort();
    return others.length > 0 ? [`  ${JSON.stringify(name)}: ${JSON.stringify(others.join(' '))}`] : [];
  });
  writeFileSync(written, `{\n${told.join(',\n')}\n}\n`);
  console.log(`${written}: ${String(told.length)} packages`);
}
