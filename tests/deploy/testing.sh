# shellcheck shell=bash
# A test file in shell: functions test_<sentence>, each in a subshell of its own, then `run_tests`.

set -euo pipefail

# The repository's root, for the files that source this one.
# shellcheck disable=SC2034
repository_root=$(readlink -f "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..")

expect_equal() {
  [[ $1 == "$2" ]] && return
  printf '    wanted: %s\n    found:  %s\n' "$2" "$1" >&2
  exit 1
}

expect_contains() {
  [[ $1 == *"$2"* ]] && return
  printf '    wanted something with: %s\n    found: %s\n' "$2" "$1" >&2
  exit 1
}

# expect_failure COMMAND...: it must fail; prints what it said.
expect_failure() {
  local output
  if output=$("$@" 2>&1); then
    printf '    wanted a failure of: %s\n    found success: %s\n' "$*" "$output" >&2
    exit 1
  fi
  printf '%s\n' "$output"
}

run_tests() {
  local name status num_failed=0
  for name in $(compgen -A function test_); do
    # Not within `if`: there bash would ignore errexit.
    set +e
    (set -e; "$name")
    status=$?
    set -e
    if ((status == 0)); then
      echo "ok      ${name#test_}"
    else
      echo "FAILED  ${name#test_}"
      ((++num_failed))
    fi
  done
  ((num_failed == 0))
}
