# The painter's half of the overlay: mp_overlay_paint. Included by overlay/CMakeLists.txt.

# The themes are compiled in: their bytes as C arrays.
foreach(theme minping light)
  set(theme_file ${CMAKE_CURRENT_LIST_DIR}/theme/${theme}.json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${theme_file})
  file(READ ${theme_file} theme_bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" theme_bytes "${theme_bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," theme_bytes "${theme_bytes}")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/overlay/theme_${theme}.inc
       CONTENT "static const unsigned char theme_@theme@[] = {\n@theme_bytes@\n};\n" @ONLY)
  install(FILES ${theme_file} DESTINATION share/minping/theme)
endforeach()

mp_library(overlay_paint
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/check.c
    ${CMAKE_CURRENT_LIST_DIR}/code.c
    ${CMAKE_CURRENT_LIST_DIR}/hearing.c
    ${CMAKE_CURRENT_LIST_DIR}/latest.c
    ${CMAKE_CURRENT_LIST_DIR}/logo.c
    ${CMAKE_CURRENT_LIST_DIR}/look.c
    ${CMAKE_CURRENT_LIST_DIR}/look_watch.c
    ${CMAKE_CURRENT_LIST_DIR}/monitor.c
    ${CMAKE_CURRENT_LIST_DIR}/paint.c
    ${CMAKE_CURRENT_LIST_DIR}/paint_node.c
    ${CMAKE_CURRENT_LIST_DIR}/painter.c
    ${CMAKE_CURRENT_LIST_DIR}/png_file.c
    ${CMAKE_CURRENT_LIST_DIR}/portraits.c
    ${CMAKE_CURRENT_LIST_DIR}/region.c
    ${CMAKE_CURRENT_LIST_DIR}/scene.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_ballot.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_ballot_foot.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_board.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_clock.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_crawl.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_cues.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_matrix.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_motion.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_notice.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_parts.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_pen.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_race.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_result.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_result_list.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_stage.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_strap.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_strip.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_test.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_turnout.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_words.c
    ${CMAKE_CURRENT_LIST_DIR}/scene_wrap.c
    ${CMAKE_CURRENT_LIST_DIR}/server_clock.c
    ${CMAKE_CURRENT_LIST_DIR}/still.c
    ${CMAKE_CURRENT_LIST_DIR}/text.c
    ${CMAKE_CURRENT_LIST_DIR}/theme.c
    ${CMAKE_CURRENT_LIST_DIR}/theme_file.c
    ${CMAKE_CURRENT_LIST_DIR}/wall.c
  LINK mp_client mp_protocol mp_model mp_text PkgConfig::CAIRO PkgConfig::PANGO
       PkgConfig::JANSSON PkgConfig::QRENCODE Threads::Threads m)
target_include_directories(mp_overlay_paint PRIVATE ${PROJECT_BINARY_DIR}/generated)
