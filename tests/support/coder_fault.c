#include <dlfcn.h>
#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * coder_fault.so, for LD_PRELOAD: an encoder that fails or hangs when told to.
 *
 * As long as the file that MINPING_CODER_FAULT names says "fail", libavcodec takes no picture;
 * while it says "hang", who hands one over does not come back. Without the file all is as it was.
 * Threads: any.
 */
typedef int (*send_frame_fn)(AVCodecContext *encoder, const AVFrame *frame);

/* False: there is no file, or it says something else. */
static bool says(const char *wanted)
{
    char word[8] = "";
    const char *path = getenv("MINPING_CODER_FAULT");
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    if (file == NULL)
        return false;
    bool is_read = fscanf(file, "%7s", word) == 1;
    fclose(file);
    return is_read && strcmp(word, wanted) == 0;
}

int avcodec_send_frame(AVCodecContext *encoder, const AVFrame *frame)
{
    send_frame_fn own;
    void *found = dlsym(RTLD_NEXT, "avcodec_send_frame");
    memcpy(&own, &found, sizeof(own));
    while (says("hang"))
        usleep(10000);
    return says("fail") ? AVERROR_EXTERNAL : own(encoder, frame);
}
