# SPDX-License-Identifier: Apache-2.0
# Finds a Java home. Sourced by bin/weir and by ./weir; works in bash 3.2.
#
# weir_find_java TOOL MINIMUM
#   TOOL is `java` or `javac`, MINIMUM a major version. Sets WEIR_JAVA to the home of the first Java
#   that fits and WEIR_JAVA_MAJOR to its major version; otherwise explains on standard error what
#   was looked at and returns 1. Starts no JVM where a home has its `release` file.

weir_resolve_link() {
  local path=$1 target
  while [ -L "$path" ]; do
    target=$(readlink "$path")
    case $target in
      /*) path=$target ;;
      *) path=$(dirname "$path")/$target ;;
    esac
  done
  printf '%s\n' "$path"
}

# Sets WEIR_JAVA_VERSION to the version of a home, empty where there is none.
weir_java_version() {
  local home=$1 line
  WEIR_JAVA_VERSION=
  [ -x "$home/bin/java" ] || return 0
  if [ -r "$home/release" ]; then
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in
        JAVA_VERSION=*)
          WEIR_JAVA_VERSION=${line#JAVA_VERSION=}
          WEIR_JAVA_VERSION=${WEIR_JAVA_VERSION#\"}
          WEIR_JAVA_VERSION=${WEIR_JAVA_VERSION%%\"*}
          return 0
          ;;
      esac
    done <"$home/release"
  fi
  WEIR_JAVA_VERSION=$("$home/bin/java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1) || true
}

# Returns 0 and sets WEIR_JAVA when the home fits; otherwise adds a line to what was seen.
weir_try_java() {
  local name=$1 home=$2 major
  [ -n "$home" ] && [ -d "$home" ] || return 1
  weir_java_version "$home"
  if [ -z "$WEIR_JAVA_VERSION" ]; then
    WEIR_JAVA_SEEN="$WEIR_JAVA_SEEN  $name: no Java in $home"$'\n'
    return 1
  fi
  major=${WEIR_JAVA_VERSION%%[!0-9]*}
  if [ "${major:-0}" -lt "$WEIR_JAVA_MINIMUM" ]; then
    WEIR_JAVA_SEEN="$WEIR_JAVA_SEEN  $name: version $WEIR_JAVA_VERSION in $home"$'\n'
    return 1
  fi
  if [ ! -x "$home/bin/$WEIR_JAVA_TOOL" ]; then
    WEIR_JAVA_SEEN="$WEIR_JAVA_SEEN  $name: version $WEIR_JAVA_VERSION without $WEIR_JAVA_TOOL in $home"$'\n'
    return 1
  fi
  WEIR_JAVA=$home
  WEIR_JAVA_MAJOR=$major
}

weir_find_java() {
  local on_path home kind=Java
  WEIR_JAVA_TOOL=$1
  WEIR_JAVA_MINIMUM=$2
  WEIR_JAVA_SEEN=
  [ "$1" = javac ] && kind=JDK

  # A choice made for Weir is never passed over in silence.
  if [ -n "${WEIR_JAVA_HOME:-}" ]; then
    weir_try_java WEIR_JAVA_HOME "$WEIR_JAVA_HOME" && return 0
    printf 'weir: WEIR_JAVA_HOME: %s (expected: the home of a %s >= %s)\n' "$WEIR_JAVA_HOME" "$kind" "$2" >&2
    printf '%s' "$WEIR_JAVA_SEEN" >&2
    return 1
  fi

  weir_try_java JAVA_HOME "${JAVA_HOME:-}" && return 0
  on_path=$(command -v java 2>/dev/null) || on_path=
  if [ -n "$on_path" ]; then
    on_path=$(weir_resolve_link "$on_path")
    weir_try_java 'java on the PATH' "$(dirname "$(dirname "$on_path")")" && return 0
  fi
  for home in /usr/lib/jvm/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/nonexistent}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/*; do
    [ -L "$home" ] && [ -d /usr/lib/jvm ] && continue
    [ -x "$home/bin/java" ] || continue
    weir_try_java found "$home" && return 0
  done

  printf 'weir: no %s >= %s was found\n' "$kind" "$2" >&2
  if [ -n "$WEIR_JAVA_SEEN" ]; then
    printf 'seen:\n%s' "$WEIR_JAVA_SEEN" >&2
  fi
  cat >&2 <<'EOF'
looked at: WEIR_JAVA_HOME, JAVA_HOME, java on the PATH, /usr/lib/jvm,
  /Library/Java/JavaVirtualMachines, ~/.sdkman/candidates/java, ~/.jdks
EOF
  if [ "$1" = javac ]; then
    printf 'Install a JDK (Debian and Ubuntu: openjdk-%s-jdk-headless; macOS: brew install openjdk)\n' "$2" >&2
  else
    printf 'Install Java (Debian and Ubuntu: openjdk-%s-jre-headless; macOS: brew install openjdk)\n' "$2" >&2
  fi
  printf 'or set WEIR_JAVA_HOME to the home of one.\n' >&2
  return 1
}
