// Exit statuses of the worker where it has no area to write a reason into.
#pragma once

namespace vgp {
enum WorkerExit : int {
    EXIT_QUIT = 0,         // told to
    EXIT_INVOCATION = 64,  // not started by the module
    EXIT_AREA = 65,        // no shared memory at descriptor 3
    EXIT_GAVE_UP = 66,     // the reason is in Control::error
    EXIT_CONFUSED = 67,    // a request that the module cannot have made
};
}  // namespace vgp
