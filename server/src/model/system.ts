/**
 * A Nix system double such as `x86_64-linux`: the name of a machine type on
 * which a builder runs (Nix manual, "Derivations", attribute `system`).
 */
export type System = string;
