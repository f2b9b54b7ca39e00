#include "clipd_jpeg.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

/* libjpeg leaves a failed call by a jump; warnings are failures here as well. */
struct failure {
    struct jpeg_error_mgr manager;
    jmp_buf jump;
};

static void leave(j_common_ptr info) {
    longjmp(((struct failure *)info->err)->jump, 1);
}

static void count(j_common_ptr info, int level) {
    if (level < 0)
        leave(info);
}

static void say_nothing(j_common_ptr info) {
    (void)info;
}

static void start(struct jpeg_decompress_struct *info, struct failure *failure) {
    info->err = jpeg_std_error(&failure->manager);
    failure->manager.error_exit = leave;
    failure->manager.emit_message = count;
    failure->manager.output_message = say_nothing;
}

static int is_plain(const struct jpeg_decompress_struct *info) {
    return info->jpeg_color_space == JCS_GRAYSCALE || info->jpeg_color_space == JCS_YCbCr || info->jpeg_color_space == JCS_RGB;
}

int clipd_jpeg_header(const uint8_t *data, size_t size, int32_t *width, int32_t *height) {
    struct jpeg_decompress_struct info;
    struct failure failure;
    start(&info, &failure);
    if (setjmp(failure.jump)) {
        jpeg_destroy_decompress(&info);
        return CLIPD_JPEG_DECLINED;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, data, size);
    jpeg_read_header(&info, TRUE);
    int plain = is_plain(&info);
    *width = (int32_t)info.image_width;
    *height = (int32_t)info.image_height;
    jpeg_destroy_decompress(&info);
    return plain ? CLIPD_JPEG_DONE : CLIPD_JPEG_DECLINED;
}

int clipd_jpeg_decode(const uint8_t *data, size_t size, uint8_t *rgb, size_t capacity) {
    struct jpeg_decompress_struct info;
    struct failure failure;
    start(&info, &failure);
    if (setjmp(failure.jump)) {
        jpeg_destroy_decompress(&info);
        return CLIPD_JPEG_DECLINED;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, data, size);
    jpeg_read_header(&info, TRUE);
    if (!is_plain(&info) || (size_t)info.image_width * info.image_height * 3 > capacity)
        leave((j_common_ptr)&info);
    info.out_color_space = JCS_RGB;
    info.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = rgb + (size_t)info.output_scanline * info.output_width * 3;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return CLIPD_JPEG_DONE;
}
