#include "provider/service.h"

const char *nb_service_state_name(nb_service_state state)
{
    switch (state) {
    case NB_SERVICE_STARTING: return "starting";
    case NB_SERVICE_READY: return "ready";
    case NB_SERVICE_NOT_READY: return "not ready";
    case NB_SERVICE_FAILED: return "failed";
    case NB_SERVICE_STOPPED: return "stopped";
    }
    return "";
}
