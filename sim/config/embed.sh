#!/bin/sh
# embed: machine files as a C table (presets.h), on standard output.
#
# Usage: embed.sh FILE.conf...     each in a folder that is called like its system
set -eu
export LC_ALL=C

echo '/* Made by embed.sh from personalities/. */'
echo '#include "config/presets.h"'
echo
echo 'const struct preset presets[] = {'
for file; do
    name=$(basename "$file" .conf)
    system=$(basename "$(dirname "$file")")
    printf '    { "%s", "%s",\n' "$name" "$system"
    sed -e 's/[\\"]/\\&/g' -e 's/?/\\?/g' -e 's/^/      "/' -e 's/$/\\n"/' "$file"
    echo '    },'
done
echo '    { 0, 0, 0 },'
echo '};'
