# The painter's unit tests; included by CMakeLists.txt here.
foreach(noun scene scene_ballot scene_race scene_result scene_parts scene_pattern scene_motion
        scene_stage scene_words theme latest monitor paint portraits region code colour_vision)
  add_executable(unit_overlay_${noun} ${CMAKE_CURRENT_LIST_DIR}/${noun}_test.c
                 ${CMAKE_CURRENT_LIST_DIR}/painter_hall.c)
  target_compile_definitions(unit_overlay_${noun} PRIVATE
    GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden"
    THEME_FILE="${PROJECT_SOURCE_DIR}/overlay/theme/minping.json")
  target_link_libraries(unit_overlay_${noun} mp_overlay_paint cmocka m)
  add_test(NAME unit-overlay-${noun} COMMAND unit_overlay_${noun})
  set_tests_properties(unit-overlay-${noun} PROPERTIES LABELS unit)
endforeach()
# Every scene in every state: looked at as a viewer would, with the real letters; and as text.
foreach(noun lint scene_dump)
  add_executable(unit_overlay_${noun} ${CMAKE_CURRENT_LIST_DIR}/${noun}_test.c
                 ${CMAKE_CURRENT_LIST_DIR}/scene_cases.c ${CMAKE_CURRENT_LIST_DIR}/painter_hall.c)
  target_compile_definitions(unit_overlay_${noun} PRIVATE
                             GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden")
  target_link_libraries(unit_overlay_${noun} mp_overlay_paint cmocka m)
  add_test(NAME unit-overlay-${noun} COMMAND unit_overlay_${noun})
  set_tests_properties(unit-overlay-${noun} PROPERTIES LABELS unit)
endforeach()
target_sources(unit_overlay_lint PRIVATE ${CMAKE_CURRENT_LIST_DIR}/lint.c)
# Its connection, against the server that the client library's tests play by hand.
add_executable(unit_overlay_hearing ${CMAKE_CURRENT_LIST_DIR}/hearing_test.c
               ${PROJECT_SOURCE_DIR}/tests/unit/clients/lib/fake_server.c)
target_link_libraries(unit_overlay_hearing mp_overlay_paint cmocka)
add_test(NAME unit-overlay-hearing COMMAND unit_overlay_hearing)
set_tests_properties(unit-overlay-hearing PROPERTIES LABELS unit TIMEOUT 120)
tsan_test(unit_overlay_hearing unit-overlay-hearing)
