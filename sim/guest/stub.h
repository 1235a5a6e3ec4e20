/* stub: the few instructions of ours in a guest's process. */
#ifndef SIM_GUEST_STUB_H
#define SIM_GUEST_STUB_H

/* Where the code lies in this image; it is copied to GUEST_STUB_BASE, and runs at any
 * address. */
extern const char __start_guest_stub[], __stop_guest_stub[];

/* Addresses inside, for use after the copy: guest_stub_address (guest_stub_handler). */
void guest_stub_handler (int signal, void *info, void *context);
void guest_stub_restore (void);
void guest_stub_enter (void);

#define guest_stub_address(function) \
    (GUEST_STUB_BASE + (uint64_t)((const char *)(function) - __start_guest_stub))

#endif
