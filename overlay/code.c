#include "overlay/code.h"

#include <qrencode.h>
#include <string.h>

enum status code_make(const char *text, size_t size, struct code *code)
{
    if (size < 1 || size > CODE_TEXT_MAX) {
        return STATUS_LIMIT;
    }
    QRcode *made = QRcode_encodeData((int)size, (const unsigned char *)text, 0, QR_ECLEVEL_M);
    if (made == NULL) {
        return STATUS_NOMEM;
    }
    enum status status = made->width <= CODE_SIDE_MAX ? STATUS_OK : STATUS_LIMIT;
    if (status == STATUS_OK) {
        code->side = (uint32_t)made->width;
        for (uint32_t i = 0; i < code->side * code->side; i++) {
            code->modules[i] = made->data[i] & 1;
        }
    }
    QRcode_free(made);
    return status;
}

enum status code_fit(const struct code *code, int32_t x, int32_t y, int32_t w, int32_t h,
                     struct code_place *place)
{
    int32_t count = (int32_t)code->side + 2 * CODE_QUIET;
    if (w <= 0 || h <= 0) {
        return STATUS_LIMIT;
    }
    int32_t module_h = h / count / 2 * 2;
    int32_t module_w = (module_h * w + h / 2) / h; /* as square as the box */
    module_w = module_w * count > w ? w / count : module_w;
    if (module_w < CODE_MODULE_MIN || module_h < CODE_MODULE_MIN) {
        return STATUS_LIMIT;
    }
    int32_t side = (int32_t)code->side;
    *place = (struct code_place){ x + (w - side * module_w) / 2,
                                  (y + (h - side * module_h) / 2) / 2 * 2, module_w, module_h };
    return STATUS_OK;
}
