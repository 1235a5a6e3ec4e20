/* file: what the file server says of files that are mapped. */
#include "vm/vm.h"

VM_HANDLER (file)
{
    struct object *object = vm_object_of_file (self, req->filesystem, req->node);
    struct orders orders  = VM_NO_ORDERS;
    int32_t unwanted      = -1;

    (void)call;
    component_charge (self, 300);
    if (object != NULL) {
        bool better = req->writable != 0 && !object->writable;

        unwanted   = better ? object->fd : req->fd;
        object->fd = better ? req->fd : object->fd;
        object->writable |= better;
        object->refs++;
    } else {
        object = vm_object_new (self);
        if (object == NULL)
            return ERR_NO_MEMORY;
        object->file       = true;
        object->fd         = req->fd;
        object->writable   = req->writable != 0;
        object->filesystem = req->filesystem;
        object->node       = req->node;
        object->size       = req->size;
    }
    object->held++;
    rep->file = object->id;
    if (unwanted >= 0) {
        vm_order (self, &orders, (struct vm_order){ .what = VM_CLOSE, .fd = unwanted });
        vm_orders_flush (self, &orders);
    }
    return OK;
}

VM_HANDLER (drop)
{
    struct object *object = vm_object_find (self, req->file);

    (void)call, (void)rep;
    component_charge (self, 100);
    if (object == NULL || object->held == 0)
        return ERR_STALE;
    object->held--;
    vm_object_put (self, object);
    return OK;
}

VM_HANDLER (reading)
{
    struct object *object = vm_object_of_file (self, req->filesystem, req->node);
    enum status status;

    (void)call, (void)rep;
    component_charge (self, 100);
    if (object == NULL || req->bytes == 0)
        return OK;
    object->refs++;
    status = vm_object_save (self, object, req->offset,
                             req->bytes < UINT64_MAX - req->offset ? req->offset + req->bytes
                                                                   : UINT64_MAX,
                             false);
    vm_object_put (self, object);
    return status;
}

/* From here to `written` nothing is filled or saved, so that nothing is seen half. */
VM_HANDLER (writing)
{
    struct object *object = vm_object_of_file (self, req->filesystem, req->node);

    (void)call;
    component_charge (self, 100);
    rep->held = object != NULL;
    if (object != NULL) {
        object->refs++;
        component_lock (self, &object->moving);
    }
    return OK;
}

VM_HANDLER (written)
{
    struct object *object = vm_object_of_file (self, req->filesystem, req->node);
    bool nothing          = req->bytes == 0 && req->size == UINT64_MAX;
    enum status status    = OK;

    (void)call, (void)rep;
    component_charge (self, 100);
    if (object == NULL)
        return OK;
    if (req->held == 0) {
        object->refs++;
        component_lock (self, &object->moving);
    }
    if (!nothing && (req->bytes == 0 || req->size > object->size))
        status = vm_object_resize (self, object, req->size);
    if (status == OK && !nothing && req->bytes != 0)
        status = vm_object_patch (self, object, req->offset,
                                  req->bytes <= GRANT_MAX ? req->bytes : GRANT_MAX);
    if (object->moving.held != 0)
        component_unlock (self, &object->moving);
    vm_object_put (self, object);
    return status;
}
