/**
 * Images in small, as a Nix expression: what nixpkgs' `writeText` and dockerTools
 * leave in derivations. A function of a package set, of what makes a derivation
 * of it, of the system that its packages run on, and of a tool for the build platform.
 */
export const imagesInSmall = `
{ final, simple, hostSystem, tool }:
let
  writeText = name: text: simple name { inherit text; };
  processor = builtins.head (builtins.split "-" hostSystem);
  hostArchitecture = { x86_64 = "amd64"; aarch64 = "arm64"; }.\${processor};
  json = { config ? { }, architecture ? hostArchitecture, ... }: builtins.toJSON { inherit config architecture; os = "linux"; };
in
{
  inherit writeText;
  writeShellScript = name: text: writeText name "#!\${final.hello}/bin/sh\\n\${text}";
  dockerTools = rec {
    buildImage = { name, contents ? [ ], extraCommands ? "", fromImage ? null, ... }@args:
      let
        baseJson = writeText "\${name}-config.json" (json args);
        layer = simple "docker-layer-\${name}" {
          inherit baseJson contents extraCommands;
          nativeBuildInputs = [ tool ];
        };
      in
      simple "docker-image-\${name}.tar.gz" {
        imageName = name;
        inherit baseJson fromImage;
        buildCommand = "cp \${layer}/* temp/";
        nativeBuildInputs = [ tool ];
      };
    streamLayeredImage = { name, contents ? [ ], ... }@args:
      let
        base = writeText "\${name}-base.json" (json args);
        bulk = simple "\${name}-bulk-layers" { paths = contents; buildCommand = "lndir -silent $i $out"; };
        customisation = simple "\${name}-customisation-layer" { buildCommand = "cp -r \${bulk}/ $out"; };
        conf = simple "\${name}-conf.json" {
          imageName = name;
          buildCommand = "cat \${base} | \${final.jq}/bin/jq --arg customisation \${customisation}";
        };
      in
      simple "stream-\${name}" { imageName = name; buildCommand = "makeWrapper \${final.git} $out --add-flags \${conf}"; };
    buildLayeredImage = { name, ... }@args: simple "\${name}.tar.gz" {
      imageName = name;
      buildInputs = [ final.vim ];
      buildCommand = "\${streamLayeredImage args} | vim > $out";
    };
  };
  nix2container.buildImage = { name, config ? { }, copyToRoot ? [ ], arch ? hostArchitecture }:
    let
      configFile = writeText "config.json" (builtins.toJSON config);
      graph = simple "closure-graph.json" { exportReferencesGraph = [ "graph" (builtins.head copyToRoot) ]; };
      layers = simple "layers.json" { buildCommand = "\${final.git}/bin/nix2container layers $out \${graph}"; };
    in
    simple "image-\${name}.json" {
      buildCommand = "\${final.git}/bin/nix2container image $out --arch \${arch} --created x \${configFile} \${layers}/layers.json";
    };
}
`;
