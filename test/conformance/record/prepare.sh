#!/bin/bash
# prepare.sh KERNEL: fetches a Debian kernel and unpacks what record.mjs boots. Needs Debian, root, apt and about 1 GB for a while.
#
# KERNEL is a version's beginning: 5.10, 6.1, 6.12, 6.16, 6.17, 6.18, 7.2, 7.3. The newest package of that version is taken from the
# suites below, read from this machine's own mirror and kept apart from its own package lists. A suite that the mirror does not have
# is passed over, and said. It ends as $NETCONSOLE_LAB/KERNEL/{vmlinuz,root/}: the kernel,
# and a root file system of busybox and a few modules. Nothing is installed but the tools that are missing.
set -euo pipefail

key=${1:?usage: prepare.sh KERNEL (5.10, 6.1, 6.12, 6.16, 6.17, 6.18, 7.2 or 7.3)}
lab=${NETCONSOLE_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/netconsole-lab}
suites='bullseye bookworm bookworm-backports trixie trixie-backports sid'
security='bullseye-security bookworm-security trixie-security'
# What the recorder's guest loads, and what scenarios may load by `sh`. Those a module depends on come along.
modules='e1000 veth dummy configfs netconsole bonding 8021q virtio_net'

[ -e /etc/debian_version ] || { echo 'prepare.sh works on Debian only: it takes its kernels from Debian packages.' >&2; exit 1; }
tools=()
command -v qemu-system-x86_64 >/dev/null || tools+=(qemu-system-x86)
command -v cpio >/dev/null || tools+=(cpio)
command -v xz >/dev/null || tools+=(xz-utils)
command -v modinfo >/dev/null || tools+=(kmod)
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || tools+=(debian-archive-keyring)
if ! [ -x /bin/busybox ] || LC_ALL=C ldd /bin/busybox >/dev/null 2>&1; then tools+=(busybox-static); fi # ldd fails on a static one
if [ ${#tools[@]} -gt 0 ]; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${tools[@]}" >/dev/null
fi

# apt's own state for this lab: sources, lists and cache live in it.
state=$lab/apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' | grep -oE 'https?://[^ ]+/debian(/|$| )' | head -1 | tr -d ' ' || true)
mirror=${mirror:-http://deb.debian.org/debian}
mirror=${mirror%/}
signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
{
  for suite in $suites; do echo "deb $signed $mirror $suite main"; done
  for suite in $security; do echo "deb $signed $mirror-security $suite main"; done
} >"$state/sources.list"
options=(-o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=/nonexistent -o "Dir::State::Lists=$state/lists"
  -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root -qq)
apt-get "${options[@]}" update || echo 'Some suites were not read; the others are used.' >&2

image=$(apt-cache "${options[@]}" search --names-only "^linux-image-${key//./\\.}\\.[0-9]" | awk '{ print $1 }' |
  grep -E "^linux-image-${key//./\\.}\.[0-9]+(-[0-9]+|\+deb[0-9]+)-amd64$" | sort -V | tail -1 || true)
[ -n "$image" ] || { echo "No package of kernel $key for amd64 in: $suites $security." >&2; exit 1; }
echo "$key: $image"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Newer packages are split in three: the image proper, its modules, and what depends on both.
for part in image binary modules; do
  package=${image/linux-image/linux-$part}
  if [ "$part" = image ] || apt-cache "${options[@]}" show "$package" >/dev/null 2>&1; then
    (cd "$work" && apt-get "${options[@]}" download "$package")
  fi
done
for deb in "$work"/*.deb; do dpkg-deb -x "$deb" "$work/tree"; done

target=$lab/$key
rm -rf "$target"
mkdir -p "$target"/root/{bin,dev,mod,proc,sys,tmp}
cp "$(find "$work/tree" -type f -name 'vmlinuz*' | head -1)" "$target/vmlinuz"
cp /bin/busybox "$target/root/bin/"
for applet in $(/bin/busybox --list); do [ -e "$target/root/bin/$applet" ] || ln -s busybox "$target/root/bin/$applet"; done

take() { # take MODULE: copies it, and first what it depends on
  local file dependency
  [ -e "$target/root/mod/$1.ko" ] && return
  file=$(find "$work/tree" -name "$1.ko" -o -name "$1.ko.xz" -o -name "${1//_/-}.ko.xz" | head -1)
  [ -n "$file" ] || { echo "$key has no module $1" >&2; return; }
  case $file in *.xz) xz -dc "$file" ;; *) cat "$file" ;; esac >"$target/root/mod/$1.ko"
  for dependency in $(modinfo -F depends "$target/root/mod/$1.ko" | tr ',' ' '); do take "$dependency"; done
}
for module in $modules; do take "$module"; done
echo "$target: $(ls "$target/root/mod" | tr '\n' ' ')"
