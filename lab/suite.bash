# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's suites by apt, with a configuration of our own, so that the machine's
# sources stay as they are. Sourced by what fetches from them, which defines
# say and die and sets:
#
#	name	the kernel series
#	apt	the directory of its apt configuration and lists

# name -> its series: 6.12-rt is of 6.12
series_of()
{
	local series=${1%-rt}

	echo "${series%-generic}"
}

# name -> the package that names the newest kernel
metapackage_of()
{
	case $1 in
	*-rt)		echo linux-image-rt-amd64 ;;
	*-generic)	echo linux-image-amd64 ;;
	*)		echo linux-image-cloud-amd64 ;;
	esac
}

# name -> its suites; a suite called *-security is on the security mirror
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

# shellcheck disable=SC2016 # apt's own placeholders
mirrors()
{
	local uri release

	main=${DEBIAN_MIRROR:-}
	security=${DEBIAN_SECURITY_MIRROR:-${main:+${main%/}-security}}
	# Third parties name their releases otherwise.
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
	# shellcheck disable=SC2154 # set by the script that reads this file
	for suite in $(suites_of "$name"); do
		case $suite in
		*-security)	uri=$security ;;
		*)		uri=$main ;;
		esac
		echo "deb [arch=amd64 signed-by=$keyring] $uri $suite main"
	done >"$apt/sources.list"
	# Read by -c, after the machine's own files: proxies stay, hooks go.
	# No sandbox user: it could not write to a cache below somebody's home.
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

# Get the lists; a list that cannot be had is an error, which goes to $apt/log.
apt_update() { apt_get -o APT::Update::Error-Mode=any update >"$apt/log" 2>&1; }

# Names in the Depends of $2=$3 that match the regex $1.
depends()
{
	apt-cache -c "$apt/apt.conf" show "$2=$3" |
		sed -n 's/^Depends: //p' | tr ',' '\n' |
		sed 's/^ *\([^ ]*\).*/\1/' | { grep -E -- "$1" || true; }
}
