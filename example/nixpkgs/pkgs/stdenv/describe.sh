# Builds every package of this set. It needs nothing but a shell.
{
  echo "$name, built on $system"
  echo "tools: $nativeBuildInputs"
  echo "libraries: $buildInputs"
  echo "contents: $paths"
} > "$out"
