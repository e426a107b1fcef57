# What is known of a system such as "x86_64-linux".
system:
let
  known = {
    x86_64-linux.config = "x86_64-unknown-linux-gnu";
    aarch64-linux.config = "aarch64-unknown-linux-gnu";
    x86_64-darwin.config = "x86_64-apple-darwin";
    aarch64-darwin.config = "arm64-apple-darwin";
  };
  platform = known.${system} or (throw "this package set does not know the system '${system}'");
  isDarwin = system == "x86_64-darwin" || system == "aarch64-darwin";
in
platform
// {
  inherit system isDarwin;
  isLinux = !isDarwin;
}
