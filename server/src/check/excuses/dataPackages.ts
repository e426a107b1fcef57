import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { Derivation } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import { toolName } from './toolsAtHand.ts';

/**
 * Packages of nixpkgs that are nothing but texts and pictures: macros, schemas,
 * stylesheets, headers. They serve a build whatever platform they are for. A
 * derivation itself does not tell that.
 */
const dataPackages: ReadonlySet<string> = new Set([
  'adwaita-icon-theme',
  'autoconf-archive',
  'docbook-xml',
  'docbook-xsl',
  'docbook-xsl-nons',
  'docbook-xsl-ns',
  'docbook5',
  'extra-cmake-modules',
  'glibc-locales',
  'gsettings-desktop-schemas',
  'hicolor-icon-theme',
  'iana-etc',
  'mailcap',
  'nss-cacert',
  'publicsuffix-list',
  'tzdata',
  'util-macros',
  'vulkan-headers',
  'wayland-protocols',
  'xcb-proto',
  'xorgproto',
  'yelp-xsl',
]);

/** Is there nothing in it that runs? */
export function isData(derivation: Derivation): boolean {
  return dataPackages.has(toolName(derivation));
}

/** Data for another platform, in the place of a tool, is worth no more than a note. */
export function withData(edge: CrossingEdge, graph: DerivationGraph): CrossingEdge {
  const input = graph.derivation(edge.input);
  // One that another machine has to build is as wrong as any input.
  const isBuiltAlike = input.system === graph.system(edge.consumer);
  if (edge.rule !== 'build-platform' || edge.severity === 'info' || !isBuiltAlike) return edge;
  if (!isData(input)) return edge;
  return { ...edge, severity: 'info', explanation: `${edge.explanation}, but it is only data` };
}
