#include "overlay/output_carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "overlay/note.h"
#include "overlay/output_live.h"
#include "overlay/output_retry.h"
#include "overlay/output_socket.h"

#define SRT_QUEUE_MAX 400  /* datagrams: some 0.4 s of 10 Mbit/s */
#define SRT_LATENCY_MS 125 /* the library's default */
#define PASSPHRASE_SIZE 80 /* SRT takes 10 .. 79 bytes */
#define PASSPHRASE_MIN 10

struct carrier {
    const char *name;
    struct output_place place;
    char passphrase[PASSPHRASE_SIZE];
    struct live *srt; /* NULL: UDP */
    struct udp_socket udp;
    struct retry retry;
    int64_t failing_ns; /* since when every datagram fails; 0: none */
    bool is_said;       /* that it fails */
    _Atomic uint64_t sent;
    _Atomic uint64_t errors;
    _Atomic uint64_t restarts;
    atomic_bool is_down;
};

/* The first line of a file that only its owner can read. */
static enum status passphrase_read(struct carrier *carrier, struct fault *fault)
{
    const char *path = carrier->place.passphrase_file;
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &stat) != 0) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return fault_set(fault, STATUS_NOT_FOUND, "", "cannot read the passphrase '%s': %s", path,
                         strerror(why));
    }
    ssize_t size = read(fd, carrier->passphrase, sizeof carrier->passphrase);
    close(fd);
    if ((stat.st_mode & 077) != 0)
        return fault_set(fault, STATUS_DENIED, "", "'%s' can be read by others: chmod 600", path);
    size_t length = 0;
    while (size > 0 && length < (size_t)size && carrier->passphrase[length] != '\n')
        length++;
    if (length < PASSPHRASE_MIN || length >= PASSPHRASE_SIZE)
        return fault_set(fault, STATUS_INVALID, "", "'%s' holds no passphrase of %d to %d bytes",
                         path, PASSPHRASE_MIN, PASSPHRASE_SIZE - 1);
    carrier->passphrase[length] = '\0';
    return STATUS_OK;
}

static void srt_made(void *ctx, GstElement *pipeline, GstElement *source)
{
    const struct carrier *carrier = ctx;
    const struct output_place *place = &carrier->place;
    static const char *const modes[] = {
        [SRT_CALLER] = "caller", [SRT_LISTENER] = "listener", [SRT_RENDEZVOUS] = "rendezvous"
    };
    (void)source;
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    bool is_six = strchr(place->host, ':') != NULL;
    char uri[sizeof place->host + 64];
    snprintf(uri, sizeof uri, "srt://%s%s%s:%u?mode=%s", is_six ? "[" : "", place->host,
             is_six ? "]" : "", place->port, modes[place->mode]);
    g_object_set(sink, "uri", uri, NULL);
    if (place->latency_ms > 0)
        g_object_set(sink, "latency", (gint)place->latency_ms, NULL);
    if (place->stream_id[0] != '\0')
        g_object_set(sink, "streamid", place->stream_id, NULL);
    if (carrier->passphrase[0] != '\0')
        g_object_set(sink, "passphrase", carrier->passphrase, NULL);
    gst_object_unref(sink);
}

/*
 * srtsink would connect again by itself and say nothing: it is told not to, so that a lost peer is
 * an error of its pipeline, which is said and begun anew.
 */
static enum status srt_open(struct carrier *carrier, struct fault *fault)
{
    enum status status = STATUS_OK;
    if (carrier->place.passphrase_file[0] != '\0')
        status = passphrase_read(carrier, fault);
    if (status == STATUS_OK && carrier->place.mode == SRT_LISTENER)
        status = udp_port_check(&carrier->place, fault);
    else if (status == STATUS_OK)
        status = udp_socket_init(&carrier->udp, &carrier->place, fault); /* the name alone */
    if (status != STATUS_OK)
        return status;
    const struct live_options options = {
        .name = carrier->name,
        .text = "appsrc name=in ! srtsink name=out sync=false async=false "
                "wait-for-connection=false auto-reconnect=false",
        .queue_max = SRT_QUEUE_MAX,
        .made = srt_made,
        .ctx = carrier,
    };
    return live_create(&options, &carrier->srt, fault);
}

enum status carrier_open(const struct output_target *target, const char *name,
                         struct carrier **carrier, struct fault *fault)
{
    struct carrier *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for output '%s'", name);
    made->name = name;
    made->place = target->place;
    made->udp.fd = -1;
    struct fault inner = { 0 };
    enum status status = target->kind == OUTPUT_SRT
                             ? srt_open(made, &inner)
                             : udp_socket_init(&made->udp, &made->place, &inner);
    if (status == STATUS_OK && made->srt == NULL && !udp_socket_open(&made->udp))
        status = fault_set(&inner, STATUS_IO, "", "%s", strerror(errno));
    if (status != STATUS_OK) {
        carrier_close(made);
        return fault_set(fault, status, "", "cannot open output '%s': %s", name, inner.text);
    }
    *carrier = made;
    return STATUS_OK;
}

static void udp_note_failure(struct carrier *carrier, int why, int64_t now_ns)
{
    if (carrier->failing_ns == 0)
        carrier->failing_ns = now_ns;
    if (!carrier->retry.is_down && now_ns - carrier->failing_ns < CARRIER_GRACE_NS)
        return;
    int64_t wait_ns = retry_fail(&carrier->retry, now_ns);
    udp_socket_close(&carrier->udp);
    atomic_store(&carrier->is_down, true);
    carrier->is_said = true;
    note_event(NOTE_ERROR,
               "output '%s' cannot send: %s; %llu datagrams were lost so far; it tries again in "
               "%lld s",
               carrier->name, strerror(why), (unsigned long long)atomic_load(&carrier->errors),
               (long long)(wait_ns / 1000000000));
}

static void udp_note_success(struct carrier *carrier, int64_t now_ns)
{
    carrier->failing_ns = 0;
    if (!carrier->is_said)
        return;
    carrier->is_said = false;
    retry_begin(&carrier->retry, now_ns);
    atomic_store(&carrier->is_down, false);
    note_event(NOTE_INFO, "output '%s' sends again; %llu datagrams were lost", carrier->name,
               (unsigned long long)atomic_load(&carrier->errors));
}

/* 0, or why this datagram was not sent; -1: it waits for its next attempt. */
static int udp_try(struct carrier *carrier, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    if (carrier->udp.fd < 0) {
        if (!retry_is_due(&carrier->retry, now_ns))
            return -1;
        atomic_fetch_add(&carrier->restarts, 1);
        if (!udp_socket_open(&carrier->udp))
            return errno;
    }
    return udp_socket_send(&carrier->udp, bytes, size);
}

void carrier_send(struct carrier *carrier, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    if (carrier->srt != NULL) {
        live_base_set(carrier->srt, now_ns);
        GstBuffer *buffer = gst_buffer_new_memdup(bytes, size);
        bool is_taken = live_push(carrier->srt, buffer);
        atomic_fetch_add(is_taken ? &carrier->sent : &carrier->errors, 1);
        return;
    }
    int why = udp_try(carrier, bytes, size, now_ns);
    atomic_fetch_add(why == 0 ? &carrier->sent : &carrier->errors, 1);
    if (why == 0)
        udp_note_success(carrier, now_ns);
    else if (why > 0 && why != EAGAIN && why != ENOBUFS)
        udp_note_failure(carrier, why, now_ns);
}

int64_t carrier_linger_ns(const struct carrier *carrier)
{
    uint32_t latency_ms =
        carrier->place.latency_ms > 0 ? carrier->place.latency_ms : SRT_LATENCY_MS;
    return carrier->srt == NULL ? 0 : (int64_t)latency_ms * 2000000;
}

void carrier_figures_get(const struct carrier *carrier, struct carrier_figures *figures)
{
    *figures = (struct carrier_figures){
        .sent = atomic_load(&carrier->sent),
        .errors = atomic_load(&carrier->errors),
        .restarts = atomic_load(&carrier->restarts),
        .is_down = atomic_load(&carrier->is_down),
    };
    if (carrier->srt == NULL)
        return;
    struct live_figures live;
    live_figures_get(carrier->srt, &live);
    figures->restarts = live.restarts;
    figures->is_down = live.is_down;
}

void carrier_close(struct carrier *carrier)
{
    if (carrier == NULL)
        return;
    udp_socket_close(&carrier->udp);
    if (!live_destroy(carrier->srt))
        return; /* it may still look into the carrier */
    explicit_bzero(carrier->passphrase, sizeof carrier->passphrase);
    free(carrier);
}
