#!/bin/sh
# Cargo's RUSTC_WORKSPACE_WRAPPER of `cargo xtask fuzz`: compiles the members of the workspace, and
# only them, with the coverage that libFuzzer follows. The libraries are those of any other build
# here, so nothing is compiled a second time for fuzzing; what they do with a member's types is
# generic code, which is compiled into the member and followed as well.
#
# These are codegen flags of the stable compiler: sanitizers would need a nightly one, and would
# find little in a workspace that forbids unsafe code.
#
# Build scripts and procedural macros run while building, without libFuzzer, and stay as they are.
case " $* " in
    *" --crate-name build_script_"* | *" --crate-type proc-macro "*) exec "$@" ;;
esac
exec "$@" \
    -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Copt-level=1 -Cdebug-assertions=on -Coverflow-checks=on
