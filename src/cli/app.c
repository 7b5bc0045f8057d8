#include "cli/app.h"

int nb_app_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("notebooked " NB_VERSION);
    return 0;
}
