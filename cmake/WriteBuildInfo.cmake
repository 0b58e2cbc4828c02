# cmake -D... -P WriteBuildInfo.cmake: writes OUTPUT from TEMPLATE, if that changes it.
# Called by service/build_info/CMakeLists.txt at each build.
if(SEXTANT_REVISION STREQUAL "" AND GIT)
  # A source archive unpacked inside some other repository does not have that one's revision.
  get_filename_component(parent ${SOURCE_DIR} DIRECTORY)
  set(ENV{GIT_CEILING_DIRECTORIES} ${parent})
  # safe.directory: the checkout of one user is often built as root.
  execute_process(
    COMMAND ${GIT} -c safe.directory=${SOURCE_DIR} describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${SOURCE_DIR}
    OUTPUT_VARIABLE SEXTANT_REVISION OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET)
endif()
if(SEXTANT_REVISION STREQUAL "")
  set(SEXTANT_REVISION unknown)
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
