# Included by CMake at the start of llama.cpp's build (.cargo/config.toml).
if(PROJECT_NAME STREQUAL "llama.cpp")
    # Without its `common` library (argument parsing, chat templates in C++), of which nothing is linked. The bindings switch it on
    # by default, and it is almost half of the build.
    set(LLAMA_BUILD_COMMON OFF CACHE BOOL "not linked" FORCE)

    # Where the build is for old processors too, the inner product of dot.c takes the place of its plain loop.
    set(PARLANCE_DOT "${CMAKE_CURRENT_LIST_DIR}/dot.c")
    function(parlance_dot)
        if(TARGET ggml-cpu AND NOT MSVC AND NOT GGML_AVX AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
            set(theirs "${CMAKE_SOURCE_DIR}/ggml/src/ggml-cpu/arch/x86/quants.c")
            set_source_files_properties("${theirs}" TARGET_DIRECTORY ggml-cpu PROPERTIES
                COMPILE_DEFINITIONS "ggml_vec_dot_q8_0_q8_0=ggml_vec_dot_q8_0_q8_0_plain")
            target_sources(ggml-cpu PRIVATE "${PARLANCE_DOT}")
        endif()
    endfunction()
    cmake_language(DEFER CALL parlance_dot)
endif()
