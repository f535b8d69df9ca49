#include "CPictures.h"
#include "reason.h"
#include <stdlib.h>

typedef struct {
    uint8_t *bytes;
    size_t count, room;
} sink;

static void give(png_structp png, png_bytep input, size_t count) {
    sink *to = png_get_io_ptr(png);
    if (count > to->room - to->count) {
        size_t room = to->room + to->room / 2 + count + 4096;
        uint8_t *bytes = realloc(to->bytes, room);
        if (!bytes) png_error(png, "out of memory");
        to->bytes = bytes;
        to->room = room;
    }
    memcpy(to->bytes + to->count, input, count);
    to->count += count;
}

static void flush(png_structp png) { (void)png; }

static int write_picture(png_structp png, png_infop info, const gp_picture *picture, int level) {
    if (setjmp(png_jmpbuf(png))) return GP_DAMAGED;
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(png, info, picture->width, picture->height, 8,
                 picture->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, level);
    png_write_info(png, info);
    size_t row = (size_t)picture->width * picture->channels;
    for (uint32_t r = 0; r < picture->height; r++) png_write_row(png, picture->pixels + r * row);
    png_write_end(png, NULL);
    return GP_OK;
}

int gp_encode(const gp_picture *picture, int level, uint8_t **bytes, size_t *count, char reason[128]) {
    sink to = {0};
    int status = GP_NO_MEMORY;
    *bytes = NULL;
    *count = 0;
    reason[0] = 0;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, reason, gp_remember, gp_ignore);
    if (!png) return GP_NO_MEMORY;
    png_infop info = png_create_info_struct(png);
    if (info) {
        png_set_write_fn(png, &to, give, flush);
        status = write_picture(png, info, picture, level);
    }
    png_destroy_write_struct(&png, &info);
    if (status == GP_OK) {
        *bytes = to.bytes;
        *count = to.count;
    } else {
        free(to.bytes);
    }
    return status;
}
