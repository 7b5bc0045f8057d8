#include "base/embed.h"

const nb_embedded *nb_embedded_find(const nb_embedded_folder *folder, nb_str name)
{
    for (size_t i = 0; i < folder->count; i++)
        if (nb_str_eqz(name, folder->files[i].name))
            return &folder->files[i];
    return NULL;
}
