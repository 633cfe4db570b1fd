// Exit statuses of the worker before the lockdown. Afterwards it cannot exit: it waits to be killed.
#pragma once

namespace vgp {
enum WorkerExit : int {
    EXIT_INVOCATION = 64,  // not started by the module
    EXIT_AREA = 65,        // no shared memory at descriptor 3
    EXIT_GAVE_UP = 66,     // the reason is in Control::error
};
}  // namespace vgp
