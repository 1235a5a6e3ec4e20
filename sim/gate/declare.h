/* declare: turns interfaces/INTERFACE.def into C. No include guard: once per interface.
 *
 * For `OP (read, (...), (...))` in block.def this makes
 *     struct block_read_req, struct block_read_rep
 *     BLOCK_read                 the operation's number, as block_OP_read
 *     struct block_ops           the server's table, one handler for each operation
 *     block_read (link, req, rep)  the client's typed call
 */
#define DECLARE_CAT3_(a, b, c)    a##b##c
#define DECLARE_CAT3(a, b, c)     DECLARE_CAT3_ (a, b, c)
#define DECLARE_CAT4_(a, b, c, d) a##b##c##d
#define DECLARE_CAT4(a, b, c, d)  DECLARE_CAT4_ (a, b, c, d)
#define DECLARE_TEXT_(x)          #x
#define DECLARE_TEXT(x)           DECLARE_TEXT_ (x)
#define DECLARE_FILE              DECLARE_TEXT (interfaces/INTERFACE.def)
#define DECLARE_FIELDS(...)       __VA_ARGS__
/* But for the table of operations, and for whoever else reads a .def, it makes no difference. */
#ifndef OP_AGAIN
#define OP_AGAIN(name, request, reply) OP (name, request, reply)
#endif

#define OP(name, request, reply)                                                            \
    struct DECLARE_CAT4 (INTERFACE, _, name, _req) { DECLARE_FIELDS request };              \
    struct DECLARE_CAT4 (INTERFACE, _, name, _rep) { DECLARE_FIELDS reply };                \
    _Static_assert (sizeof (struct DECLARE_CAT4 (INTERFACE, _, name, _req)) <= PAYLOAD_MAX, \
                    "request too large");                                                   \
    _Static_assert (sizeof (struct DECLARE_CAT4 (INTERFACE, _, name, _rep)) <= PAYLOAD_MAX, \
                    "reply too large");
#include DECLARE_FILE
#undef OP

enum {
#define OP(name, request, reply) DECLARE_CAT3 (INTERFACE, _OP_, name),
#include DECLARE_FILE
#undef OP
    DECLARE_CAT3 (INTERFACE, _OP_, COUNT)
};
_Static_assert (DECLARE_CAT3 (INTERFACE, _OP_, COUNT) <= OPERATION_MAX, "too many operations");

struct DECLARE_CAT3 (INTERFACE, _, ops) {
#define OP(name, request, reply)                                                            \
    enum status (*name) (Component *self, struct call *call,                                \
                         const struct DECLARE_CAT4 (INTERFACE, _, name, _req) *req,         \
                         struct DECLARE_CAT4 (INTERFACE, _, name, _rep) *rep);
#include DECLARE_FILE
#undef OP
};

#define OP(name, request, reply)                                                            \
    static inline enum status DECLARE_CAT3 (INTERFACE, _, name) (                           \
        Link * link, const struct DECLARE_CAT4 (INTERFACE, _, name, _req) *req,             \
        struct DECLARE_CAT4 (INTERFACE, _, name, _rep) *rep)                                \
    {                                                                                       \
        return link_call (link, DECLARE_CAT3 (INTERFACE, _OP_, name), req, rep);            \
    }
#include DECLARE_FILE
#undef OP

/* gate/interface.c wants the names, texts and sizes as well. */
#ifdef DECLARE_OPERATIONS
#undef OP_AGAIN
#define OPERATION(name, request, reply, again)                              \
    { #name, #request, #reply,                                              \
      sizeof (struct DECLARE_CAT4 (INTERFACE, _, name, _req)),              \
      sizeof (struct DECLARE_CAT4 (INTERFACE, _, name, _rep)), -1, -1, -1, again, \
      false, { { 0, 0 } }, { { 0, 0 } } },
static struct operation DECLARE_CAT3 (INTERFACE, _, operations)[] = {
#define OP(name, request, reply)       OPERATION (name, request, reply, false)
#define OP_AGAIN(name, request, reply) OPERATION (name, request, reply, true)
#include DECLARE_FILE
#undef OP
};
#undef OPERATION
#undef OP_AGAIN
#endif

#undef DECLARE_CAT3_
#undef DECLARE_CAT3
#undef DECLARE_CAT4_
#undef DECLARE_CAT4
#undef DECLARE_TEXT_
#undef DECLARE_TEXT
#undef DECLARE_FILE
#undef DECLARE_FIELDS
#undef INTERFACE
