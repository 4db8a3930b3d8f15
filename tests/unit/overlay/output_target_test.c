#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/output_chain.h"
#include "overlay/output_impl.h"

/* What --output says is read, held against the frames there are, and made a pipeline's text. */
static const struct format *format_of(const char *name)
{
    const struct format *format = format_find(name);
    assert_non_null(format);
    return format;
}

static struct output_target target_of(const char *text)
{
    struct output_target target;
    struct fault fault = { 0 };
    if (output_parse(text, &target, &fault) != STATUS_OK)
        fail_msg("%s: %s", text, fault.text);
    return target;
}

static void addresses_and_their_options_are_read(void **state)
{
    (void)state;
    struct output_target target = target_of("udp://239.1.2.3:5004?ttl=16&iface=eth1&rate=8000");
    assert_int_equal(OUTPUT_UDP, target.kind);
    assert_string_equal("239.1.2.3", target.place.host);
    assert_int_equal(5004, target.place.port);
    assert_int_equal(16, target.place.ttl);
    assert_string_equal("eth1", target.place.interface);
    assert_int_equal(8000, target.place.rate_kbps);
    target = target_of("fill:udp://[ff05::1]:1");
    assert_true(target.is_fill && !target.is_key);
    assert_string_equal("ff05::1", target.place.host);
    assert_int_equal(1, target.place.ttl);
    target = target_of("key:srt://head.end:65535?mode=rendezvous&latency=400&streamid=a=b,c");
    assert_true(target.is_key && !target.is_fill);
    assert_int_equal(SRT_RENDEZVOUS, target.place.mode);
    assert_int_equal(400, target.place.latency_ms);
    assert_string_equal("a=b,c", target.place.stream_id);
    assert_int_equal(SRT_LISTENER, target_of("srt://:7001").place.mode);
    assert_int_equal(SRT_CALLER, target_of("srt://a:7001").place.mode);
    assert_string_equal("/x/y", target_of("srt://a:1?passphrase-file=/x/y").place.passphrase_file);
    target = target_of("decklink:3?keyer=internal");
    assert_int_equal(3, target.card.device);
    assert_int_equal(KEYER_INTERNAL, target.card.keyer);
    assert_string_equal("a ! b", target_of("gst:a ! b").path);
    assert_string_equal("x?role=key.ts", target_of("file:x?role=key.ts").path);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        { "udp://host", "port" },
        { "udp://host:0", "port" },
        { "udp://host:65536", "port" },
        { "udp://host:12x", "port" },
        { "udp://:5004", "no host" },
        { "udp://fe80::1:5004", "brackets" },
        { "udp://h:1?mode=caller", "mode=caller" },
        { "udp://h:1?ttl=0", "ttl=0" },
        { "udp://h:1?ttl=256", "ttl=256" },
        { "udp://h:1?rate=999", "rate=999" },
        { "udp://h:1?rate=100001", "rate=100001" },
        { "udp://h:1?iface=an-interface-too-long", "iface=" },
        { "udp://h:1?ttl", "ttl" },
        { "udp://h:1?=", "rate=" },
        { "srt://:1?mode=caller", "listener" },
        { "srt://h:1?mode=server", "mode=server" },
        { "srt://h:1?passphrase=secret-word", "passphrase-file" },
        { "srt://h:1?latency=1", "latency=1" },
        { "decklink:", "number" },
        { "decklink:64", "number" },
        { "decklink:x", "number" },
        { "decklink:0?keyer=both", "keyer=both" },
        { "gst:", "no pipeline" },
        { "gst:  ", "no pipeline" },
        { "fill:key:raw:x", "no such output" },
        { "fill:", "no such output" },
        { "rtmp://h:1", "no such output" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct output_target target;
        struct fault fault = { 0 };
        if (output_parse(wrong[i][0], &target, &fault) != STATUS_INVALID ||
            strstr(fault.text, wrong[i][1]) == NULL)
            fail_msg("%s: '%s' does not say '%s'", wrong[i][0], fault.text, wrong[i][1]);
    }
    char longest[400] = "udp://";
    memset(longest + 6, 'a', 300);
    memcpy(longest + 306, ":1", 3);
    struct output_target target;
    assert_int_equal(STATUS_INVALID, output_parse(longest, &target, NULL));
}

static void an_output_does_only_what_it_can(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool can_alpha, can_opaque;
    } cases[] = {
        { "file:x.ts", false, true },
        { "file:x.mp4", false, true },
        { "file:x.mov", true, true },
        { "raw:x", true, true },
        { "png:x", true, true },
        { "udp://h:1", false, true },
        { "srt://h:1", false, true },
        { "decklink:0", true, true },
        { "decklink:0?keyer=internal", true, false },
        { "decklink:0?keyer=off", true, true },
        { "gst:fakesink", true, true },
        { "fill:file:x.ts", true, false },
        { "key:udp://h:1", true, false },
        { "key:file:x.mov", true, false },
        { "fill:png:x", false, false },
        { "fill:decklink:0", true, false },
        { "key:decklink:0?keyer=external", false, false },
    };
    const struct video alpha = { format_of("1080i25"), true, false };
    const struct video opaque = { format_of("1080i25"), false, false };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct output_target target = target_of(cases[i].text);
        if ((output_check(&target, &alpha, NULL) == STATUS_OK) != cases[i].can_alpha ||
            (output_check(&target, &opaque, NULL) == STATUS_OK) != cases[i].can_opaque)
            fail_msg("%s", cases[i].text);
    }
}

static char *sink_text(const char *text, const char *format, bool has_alpha)
{
    static char out[SINK_TEXT_SIZE];
    const struct output_target target = target_of(text);
    const struct video video = { format_of(format), has_alpha, false };
    struct fault fault = { 0 };
    if (output_sink_write(&target, &video, out, sizeof out, &fault) != STATUS_OK)
        fail_msg("%s: %s", text, fault.text);
    return out;
}

static void a_card_gets_its_mode_format_and_keyer(void **state)
{
    (void)state;
    assert_string_equal("appsrc name=in ! decklinkvideosink name=out device-number=0 mode=1080i50 "
                        "video-format=8bit-bgra keyer-mode=external keyer-level=255",
                        sink_text("decklink:0", "1080i25", true));
    assert_non_null(strstr(sink_text("decklink:2?keyer=internal", "1080p50", true),
                           "device-number=2 mode=1080p50 video-format=8bit-bgra "
                           "keyer-mode=internal"));
    assert_non_null(strstr(sink_text("decklink:0?keyer=off", "720p50", true),
                           "mode=720p50 video-format=8bit-bgra keyer-mode=off"));
    assert_string_equal("appsrc name=in ! videoconvert ! video/x-raw,format=UYVY ! "
                        "decklinkvideosink name=out device-number=1 mode=1080p25 "
                        "video-format=8bit-yuv keyer-mode=off keyer-level=255",
                        sink_text("decklink:1", "1080p25", false));
    assert_non_null(strstr(sink_text("key:decklink:0", "1080i25", true), "keyer-mode=off"));
    const struct format odd = { .name = "odd",
                                .width_px = 1440,
                                .height_px = 1080,
                                .frame_rate = 25,
                                .tick_rate = 50,
                                .is_interlaced = true };
    const struct output_target target = target_of("decklink:0");
    const struct video video = { &odd, true, false };
    char out[SINK_TEXT_SIZE];
    struct fault fault = { 0 };
    assert_int_equal(STATUS_INVALID, output_sink_write(&target, &video, out, sizeof out, &fault));
    assert_non_null(strstr(fault.text, "odd"));
}

/* The real element takes these properties and the caps of our frames, with no card at hand. */
static void the_card_element_takes_our_frames(void **state)
{
    (void)state;
    static const char *const formats[] = { "1080i25", "1080p25", "1080p50", "720p50" };
    for (size_t i = 0; i < 2 * sizeof formats / sizeof *formats; i++) {
        bool has_alpha = i % 2 == 0;
        GError *error = NULL;
        GstElement *pipeline =
            gst_parse_launch(sink_text("decklink:0", formats[i / 2], has_alpha), &error);
        assert_null(error);
        GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "out");
        GstPad *pad = gst_element_get_static_pad(sink, "sink");
        GstCaps *wanted = gst_pad_get_pad_template_caps(pad);
        const struct video video = { format_of(formats[i / 2]), has_alpha, false };
        GstCaps *caps = gst_caps_make_writable(video_caps(&video));
        if (!has_alpha) /* what videoconvert makes of them */
            gst_caps_set_simple(caps, "format", G_TYPE_STRING, "UYVY", NULL);
        if (!gst_caps_can_intersect(wanted, caps))
            fail_msg("%s: decklinkvideosink does not take it", formats[i / 2]);
        /* The control: what a card has no format for is not taken. */
        gst_caps_set_simple(caps, "format", G_TYPE_STRING, "I420", NULL);
        assert_false(gst_caps_can_intersect(wanted, caps));
        gst_caps_unref(caps);
        gst_caps_unref(wanted);
        gst_object_unref(pad);
        gst_object_unref(sink);
        gst_object_unref(pipeline);
    }
}

static void a_pipeline_of_others_is_taken_up_to_a_limit(void **state)
{
    (void)state;
    assert_string_equal("appsrc name=in ! fakesink", sink_text("gst:fakesink", "720p50", true));
    assert_non_null(strstr(sink_text("fill:gst:fakesink", "720p50", true), "video/x-raw"));
    static char text[SINK_TEXT_SIZE + 8] = "gst:";
    memset(text + 4, 'a', SINK_TEXT_SIZE);
    const struct output_target target = target_of(text);
    const struct video video = { format_of("720p50"), false, false };
    char out[SINK_TEXT_SIZE];
    assert_int_equal(STATUS_LIMIT, output_sink_write(&target, &video, out, sizeof out, NULL));
}

/* The key against its definition, the colours against exact division, for all there are. */
static void keys_and_straight_colours_are_exact(void **state)
{
    (void)state;
    for (uint32_t alpha = 0; alpha < 256; alpha++) {
        uint8_t bgra[256 * 4], y[256], out[256 * 4];
        for (uint32_t value = 0; value < 256; value++) {
            memset(bgra + 4 * value, (int)(value <= alpha ? value : alpha), 3);
            bgra[4 * value + 3] = (uint8_t)alpha;
        }
        chain_key_convert(bgra, 256, y);
        chain_straighten(bgra, 256, true, out);
        for (uint32_t value = 0; value < 256; value++) {
            assert_int_equal(16 + (219 * alpha + 127) / 255, y[value]);
            uint32_t in = bgra[4 * value];
            assert_int_equal(alpha == 0 ? 0 : (in * 255 + alpha / 2) / alpha, out[4 * value]);
            assert_int_equal(alpha, out[4 * value + 3]);
        }
    }
    const uint8_t pixel[4] = { 10, 20, 30, 255 };
    uint8_t out[4];
    chain_straighten(pixel, 1, true, out);
    assert_memory_equal(((uint8_t[]){ 30, 20, 10, 255 }), out, 4);
    chain_straighten(pixel, 1, false, out);
    assert_memory_equal(pixel, out, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_and_their_options_are_read),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(an_output_does_only_what_it_can),
        cmocka_unit_test(a_card_gets_its_mode_format_and_keyer),
        cmocka_unit_test(the_card_element_takes_our_frames),
        cmocka_unit_test(a_pipeline_of_others_is_taken_up_to_a_limit),
        cmocka_unit_test(keys_and_straight_colours_are_exact),
    };
    gst_init(NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
