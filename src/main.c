/* main.c - the program: everything it does is nb_app_main(), which tests call as well. */
#include "cli/app.h"

int main(int argc, char **argv)
{
    return nb_app_main(argc, argv);
}
