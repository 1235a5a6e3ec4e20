/* What gate/interface.c promises: the .def files, understood at run time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
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

/* Whatever .def file: its texts are laid out as the compiler did, and its records print. */
static void
every_field_of_every_interface_is_understood (void **state)
{
    (void)state;
    interfaces_init ();
    for (unsigned i = 0; i < INTERFACE_COUNT; i++)
        for (unsigned j = 0; j < interfaces[i].operation_count; j++) {
            const struct operation *operation = &interfaces[i].operations[j];
            const char *texts[]      = { operation->request_text, operation->reply_text };
            const uint16_t bytes[]   = { operation->request_bytes, operation->reply_bytes };
            unsigned char record[PAYLOAD_MAX];

            assert_true (interfaces[i].operation_count <= OPERATION_MAX);
            for (unsigned side = 0; side < 2; side++) {
                struct field fields[32];
                unsigned count = interface_fields (texts[side], fields, 32);
                unsigned end   = 0;
                char text[4096], name[32];

                memset (record, 0xff, sizeof record); /* nothing ends a name */
                interface_print (texts[side], record, text, sizeof text);
                assert_true (count < 32 && (count == 0) == (bytes[side] == 0));
                for (unsigned k = 0; k < count; k++) {
                    assert_true (fields[k].offset >= end);
                    end = fields[k].offset + fields[k].size * fields[k].count;
                    snprintf (name, sizeof name, "%s%.23s=", k == 0 ? "" : " ", fields[k].name);
                    assert_non_null (strstr (text, name));
                }
                assert_true (end <= bytes[side] && bytes[side] <= PAYLOAD_MAX);
                for (size_t room = 1; room < 40; room++) {
                    memset (text, '#', sizeof text);
                    interface_print (texts[side], record, text, room);
                    assert_true (strlen (text) < room && text[room] == '#');
                }
            }
            assert_true (operation->into < 0 || operation->done >= 0);
        }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (offsets_are_the_compilers),
        cmocka_unit_test (fields_are_found_in_order),
        cmocka_unit_test (records_are_printed_and_cut_to_fit),
        cmocka_unit_test (every_field_of_every_interface_is_understood),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
