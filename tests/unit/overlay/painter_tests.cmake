# The painter's unit tests; included by CMakeLists.txt here.
foreach(noun scene scene_ballot scene_parts scene_motion scene_stage theme latest paint region)
  add_executable(unit_overlay_${noun} ${CMAKE_CURRENT_LIST_DIR}/${noun}_test.c
                 ${CMAKE_CURRENT_LIST_DIR}/painter_hall.c)
  target_compile_definitions(unit_overlay_${noun} PRIVATE
    GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden"
    THEME_FILE="${PROJECT_SOURCE_DIR}/overlay/theme/minping.json")
  target_link_libraries(unit_overlay_${noun} mp_overlay_paint cmocka)
  add_test(NAME unit-overlay-${noun} COMMAND unit_overlay_${noun})
  set_tests_properties(unit-overlay-${noun} PROPERTIES LABELS unit)
endforeach()
