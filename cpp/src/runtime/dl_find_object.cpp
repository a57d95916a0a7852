// The unwinder's look-up of the module that a code address belongs to, by dl_iterate_phdr.
//
// The shared library links libgcc statically, so that it depends on libc and libm only. The static
// unwinder of GCC 12 and newer calls _dl_find_object, which glibc has since 2.35 only; with this
// definition the library keeps running on older ones. Only the library's own frames are unwound.
#include <dlfcn.h>
#include <link.h>

#if defined(DLFO_STRUCT_HAS_EH_DBASE)

namespace {

struct Search {
    ElfW(Addr) address;
    dl_find_object* result;
};

int visit(dl_phdr_info* info, size_t, void* data) {
    auto* search = static_cast<Search*>(data);
    const ElfW(Phdr)* segment = nullptr;
    const ElfW(Phdr)* eh_frame = nullptr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr)& header = info->dlpi_phdr[i];
        if (header.p_type == PT_LOAD && search->address - info->dlpi_addr - header.p_vaddr < header.p_memsz)
            segment = &header;
        if (header.p_type == PT_GNU_EH_FRAME) eh_frame = &header;
    }
    if (!segment || !eh_frame) return 0;
    const ElfW(Addr) start = info->dlpi_addr + segment->p_vaddr;
    search->result->dlfo_map_start = reinterpret_cast<void*>(start);
    search->result->dlfo_map_end = reinterpret_cast<void*>(start + segment->p_memsz);
    search->result->dlfo_eh_frame = reinterpret_cast<void*>(info->dlpi_addr + eh_frame->p_vaddr);
    return 1;
}

}  // namespace

extern "C" int _dl_find_object(void* address, dl_find_object* result) noexcept {
    *result = {};
    Search search = {reinterpret_cast<ElfW(Addr)>(address), result};
    return dl_iterate_phdr(visit, &search) ? 0 : -1;
}

#endif
