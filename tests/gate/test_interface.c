/* What gate/interface.c promises: the .def files, understood at run time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "interfaces/interfaces.h"

static const struct operation *
operation_of (enum interface_id id, unsigned number)
{
    interfaces_init ();
    return &interfaces[id].operations[number];
}

static void
offsets_are_the_compilers (void **state)
{
    const struct operation *read = operation_of (INTERFACE_fs, fs_OP_read);

    (void)state;
    assert_string_equal (interfaces[INTERFACE_fs].name, "fs");
    assert_int_equal (interfaces[INTERFACE_fs].operation_count, fs_OP_COUNT);
    assert_string_equal (read->name, "read");
    assert_int_equal (read->into, offsetof (struct fs_read_req, into));
    assert_int_equal (read->from, -1);
    assert_int_equal (read->done, offsetof (struct fs_read_rep, done));
    assert_int_equal (read->request_bytes, sizeof (struct fs_read_req));
    const struct operation *load = operation_of (INTERFACE_file, file_OP_load);
    assert_int_equal (load->into, offsetof (struct file_load_req, into));
    assert_int_equal (load->from, offsetof (struct file_load_req, from));
    const struct operation *log = operation_of (INTERFACE_log, log_OP_write);
    assert_int_equal (log->from, offsetof (struct log_write_req, from));
    assert_int_equal (log->reply_bytes, 0);
    assert_int_equal (log->done, -1);
}

static void
fields_are_found_in_order (void **state)
{
    struct field fields[8];

    (void)state;
    assert_int_equal (interface_fields ("()", fields, 8), 0);
    assert_int_equal (
        interface_fields ("(uint8_t a; uint64_t b[3];\n char c[5]; int32_t d;)", fields, 8), 4);
    assert_string_equal (fields[1].name, "b");
    assert_string_equal (fields[1].type, "u64");
    assert_int_equal (fields[1].offset, 8);
    assert_int_equal (fields[1].count, 3);
    assert_int_equal (fields[2].offset, 32);
    assert_int_equal (fields[2].count, 5);
    assert_int_equal (fields[3].offset, 40);
    assert_int_equal (interface_fields ("(uint8_t a; uint8_t b;)", fields, 1), 1);
}

static void
records_are_printed_and_cut_to_fit (void **state)
{
    const struct operation *write  = operation_of (INTERFACE_log, log_OP_write);
    const struct operation *seek   = operation_of (INTERFACE_file, file_OP_seek);
    struct log_write_req log       = { .level = 6, .source = "a\nb", .from = { NULL, 70, 0 } };
    struct file_seek_req seek_back = { .process = 7, .fd = -1, .offset = -5 };
    char text[200];

    (void)state;
    interface_print (write->request_text, &log, text, sizeof text);
    assert_string_equal (text, "level=6 source=\"a\\x0ab\" from=[70]");
    interface_print (seek->request_text, &seek_back, text, sizeof text);
    assert_string_equal (text, "process=7 fd=-1 offset=-5 whence=0");
    interface_print (seek->request_text, &seek_back, text, 12);
    assert_string_equal (text, "process=7 f");
    interface_print (seek->request_text, &seek_back, text, 1);
    assert_string_equal (text, "");
    interface_print ("()", &seek_back, text, sizeof text);
    assert_string_equal (text, "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (offsets_are_the_compilers),
        cmocka_unit_test (fields_are_found_in_order),
        cmocka_unit_test (records_are_printed_and_cut_to_fit),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
