#!/bin/sh
# Make what bench_arm.py needs in a folder of its own, without touching the system:
#   <folder>/root     Python and libc of Debian's arm64
#   <folder>/numpy2   the aarch64 wheel of numpy 2;  <folder>/numpy1  that of numpy 1.24
#   <folder>/count.so the counting plugin
# Needs: qemu-user and a C compiler (apt-get install qemu-user gcc), apt and pip with their
# ordinary sources. Nothing is installed; packages are unpacked.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?a folder to make}
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/root"
folder=$(cd "$folder" && pwd)

cc -O2 -shared -fPIC -o "$folder/count.so" "$here/count.c"

apt="apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64
    -o Dir::State::Lists=$folder/lists -o Dir::Cache=$folder/cache -o APT::Sandbox::User=root
    -o Dir::State::status=/dev/null"
if [ ! -x "$folder/root/usr/bin/python3.11" ]; then
    $apt update
    packages="libc6 libgcc-s1 libstdc++6 libexpat1 zlib1g libpython3.11-minimal
        libpython3.11-stdlib python3.11-minimal libffi8 libuuid1 libbz2-1.0 liblzma5"
    # shellcheck disable=SC2086 - a list of words
    (cd "$folder/cache" && $apt download $packages)
    for package in "$folder"/cache/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
fi

pip="${PYTHON:-python3} -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.11
    --implementation cp --platform manylinux_2_28_aarch64 --platform manylinux_2_17_aarch64
    --platform manylinux2014_aarch64"
for kind in "numpy2 numpy==2.4.*" "numpy1 numpy==1.24.*"; do
    name=${kind%% *}
    if [ ! -d "$folder/$name" ]; then
        $pip --dest "$folder/cache/$name" "${kind#* }"
        "${PYTHON:-python3}" -m zipfile -e "$folder/cache/$name"/*.whl "$folder/$name"
    fi
done
echo "ready: $folder"
