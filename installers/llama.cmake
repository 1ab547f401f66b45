# Included by CMake at the start of llama.cpp's build (.cargo/config.toml): leaves out its `common` library (argument parsing, chat
# templates in C++), of which nothing is linked. The bindings switch it on by default, and it is almost half of the build.
if(PROJECT_NAME STREQUAL "llama.cpp")
    set(LLAMA_BUILD_COMMON OFF CACHE BOOL "not linked" FORCE)
endif()
