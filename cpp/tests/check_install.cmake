# Installs the build into an empty folder, then builds and runs the C example against it: once with
# find_package(axnn), once with pkg-config where that is installed.
#   cmake -D BUILD_DIR=... -D EXAMPLE_DIR=... -D WORK_DIR=... -D GENERATOR=... -D C_COMPILER=...
#         -D LIBDIR=... -D PKG_CONFIG=... -P check_install.cmake

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    message("${output}")
    if(NOT result EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "failed (${result}): ${command}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

set(prefix ${WORK_DIR}/prefix)
set(build ${WORK_DIR}/build)
file(REMOVE_RECURSE ${WORK_DIR})

run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${EXAMPLE_DIR} -B ${build} -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_BUILD_TYPE=Release)
# The package must be the one just installed, not another one of this machine.
file(STRINGS ${build}/CMakeCache.txt found REGEX "^axnn_DIR:")
string(FIND "${found}" "${prefix}/" position)
if(position EQUAL -1)
    message(FATAL_ERROR "find_package found another axnn: ${found}")
endif()
run(${CMAKE_COMMAND} --build ${build})
run(${build}/convolutions)
set(by_cmake "${output}")

if(PKG_CONFIG)
    set(ENV{PKG_CONFIG_PATH} ${prefix}/${LIBDIR}/pkgconfig)
    run(${PKG_CONFIG} --cflags --libs axnn)
    string(STRIP "${output}" flags)
    separate_arguments(flags UNIX_COMMAND "${flags}")
    run(${C_COMPILER} -std=c11 ${EXAMPLE_DIR}/convolutions.c -o ${WORK_DIR}/by_pkg_config ${flags} -lm)
    set(ENV{LD_LIBRARY_PATH} ${prefix}/${LIBDIR})
    run(${WORK_DIR}/by_pkg_config)
    if(NOT output STREQUAL by_cmake)
        message(FATAL_ERROR "the two programs print different numbers")
    endif()
endif()
