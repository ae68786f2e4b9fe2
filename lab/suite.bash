# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Functions that download packages of Debian's suites by apt, with a configuration of
# their own, so that the machine's sources do not change. A script that sources this file
# defines say() and die() and sets:
#
#	name	the kernel series
#	apt	the directory of its apt configuration and lists

# Print the series of kernel $1: 6.12 for 6.12-rt.
series_of()
{
	local series=${1%-rt}

	echo "${series%-generic}"
}

# Print the package that depends on the newest image of kernel $1.
metapackage_of()
{
	case $1 in
	*-rt)		echo linux-image-rt-amd64 ;;
	*-generic)	echo linux-image-amd64 ;;
	*)		echo linux-image-cloud-amd64 ;;
	esac
}

# Print the suites of kernel $1. A suite named *-security is on the security mirror.
# Returns 1 if $1 is no series.
suites_of()
{
	case $(series_of "$1") in
	5.10)	echo bullseye bullseye-security ;;
	6.1)	echo bookworm bookworm-security ;;
	6.12)	echo trixie trixie-security ;;
	7.x)	echo trixie-backports sid ;;
	*)	return 1 ;;
	esac
}

# Set main and security to the URIs of the mirrors.
# shellcheck disable=SC2016 # apt's own placeholders
mirrors()
{
	local uri release

	main=${DEBIAN_MIRROR:-}
	security=${DEBIAN_SECURITY_MIRROR:-${main:+${main%/}-security}}
	# Repositories of other vendors have other release names.
	while read -r uri release; do
		case $release in
		bullseye | bookworm | trixie | forky | sid | *stable | testing)
			main=${main:-$uri} ;;
		bullseye-security | bookworm-security | trixie-security | \
		forky-security | *stable-security)
			security=${security:-$uri} ;;
		esac
	done < <(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
		'Created-By: Packages' 2>/dev/null)
	[[ $main ]] || die "apt has no Debian mirror on this machine;" \
		"set DEBIAN_MIRROR to the URI of one"
	security=${security:-${main%/}-security}
}

# Write the apt configuration of $name below $1.
configure()
{
	local apt=$1 suite uri keyring

	keyring=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
	[[ -r $keyring ]] || die "no $keyring to verify downloads with;" \
		"install debian-archive-keyring or set DEBIAN_KEYRING"
	mirrors
	mkdir -p "$apt/none" "$apt/lists/partial" "$apt/cache/archives/partial"
	: >"$apt/status"
	# shellcheck disable=SC2154 # set by the script that sources this file
	for suite in $(suites_of "$name"); do
		case $suite in
		*-security)	uri=$security ;;
		*)		uri=$main ;;
		esac
		echo "deb [arch=amd64 signed-by=$keyring] $uri $suite main"
	done >"$apt/sources.list"
	# apt -c reads this file after the machine's own files: proxies remain, hooks are
	# cleared. There is no sandbox user, because it could not write below a home directory.
	cat >"$apt/apt.conf" <<-END
	#clear APT::Update;
	#clear APT::Architectures;
	APT::Architecture "amd64";
	APT::Architectures { "amd64"; };
	APT::Default-Release "";
	APT::Sandbox::User "root";
	Acquire::Languages "none";
	Acquire::PDiffs "false";
	Acquire::Retries "3";
	Acquire::http::Timeout "30";
	Acquire::https::Timeout "30";
	#clear Acquire::IndexTargets::deb::DEP-11;
	#clear Acquire::IndexTargets::deb::Contents-deb;
	Dir::Etc::SourceList "$apt/sources.list";
	Dir::Etc::SourceParts "-";
	Dir::Etc::Preferences "/dev/null";
	Dir::Etc::PreferencesParts "$apt/none";
	Dir::State "$apt";
	Dir::State::Lists "$apt/lists";
	Dir::State::status "$apt/status";
	Dir::Cache "$apt/cache";
	END
}

apt_get() { apt-get -c "$apt/apt.conf" -qq "$@"; }

# Download the package lists. A list that cannot be downloaded is an error; apt's messages
# go to $apt/log.
apt_update() { apt_get -o APT::Update::Error-Mode=any update >"$apt/log" 2>&1; }

# Print the names in the Depends field of package $2=$3 that match the regular expression $1.
depends()
{
	apt-cache -c "$apt/apt.conf" show "$2=$3" |
		sed -n 's/^Depends: //p' | tr ',' '\n' |
		sed 's/^ *\([^ ]*\).*/\1/' | { grep -E -- "$1" || true; }
}
