// The executable vgp-sandbox: maps the area and the table, locks itself down, evaluates what it is given until it is killed.
//   vgp-sandbox PARENT-PID MEMORY-BYTES DATA-FILE      started by the module, with the area as descriptor 3
//   vgp-sandbox --print-filter x86-64|aarch64          the compiled filter, one "code jt jf k" per line
//   vgp-sandbox --version
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "area.hpp"
#include "filter.hpp"
#include "handover.hpp"
#include "lockdown.hpp"
#include "serve.hpp"
#include "worker_exit.hpp"

#ifdef VGP_ATTACKS
#include "attacks.hpp"
#endif

namespace vgp {
namespace {

int print_filter(const char* name) noexcept {
    static Filter filter;
    const bool x86_64 = std::strcmp(name, "x86-64") == 0;
    if (!x86_64 && std::strcmp(name, "aarch64") != 0) return EXIT_INVOCATION;
    if (!compile_filter(x86_64 ? X86_64 : AARCH64, nullptr, &filter)) return EXIT_INVOCATION;
    for (size_t i = 0; i < filter.length; i++)
        std::printf("%u %u %u %u\n", filter.code[i].code, filter.code[i].jt, filter.code[i].jf, filter.code[i].k);
    return 0;
}

void report_failure(Control* control, const char* reason, int error_number) noexcept {
    std::strncpy(control->error, reason, sizeof control->error - 1);
    control->error_number = error_number;
    raise_word(control->ready, 2);
}

[[noreturn]] void give_up(Control* control, const char* reason, int error_number) noexcept {
    report_failure(control, reason, error_number);
    _exit(EXIT_GAVE_UP);
}

// Behind the lockdown there is no system call left to end with.
[[noreturn]] void give_up_locked(Control* control, const char* reason) noexcept {
    report_failure(control, reason, 0);
    for (;;) futex(control->ready, FUTEX_WAIT, 2, nullptr);
}

Area map_area() noexcept {
    struct stat status;
    if (fstat(AREA_DESCRIPTOR, &status) != 0 || status.st_size < static_cast<off_t>(sizeof(Control))) _exit(EXIT_AREA);
    const auto bytes = static_cast<size_t>(status.st_size);
    void* mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, AREA_DESCRIPTOR, 0);
    if (mapping == MAP_FAILED) _exit(EXIT_AREA);
    Area area;
    if (const char* reason = check_area(mapping, bytes, &area)) give_up(static_cast<Control*>(mapping), reason, 0);
    return area;
}

DataView map_data(Control* control, const char* path) noexcept {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) give_up(control, "cannot open the data file", errno);
    const auto bytes = static_cast<size_t>(status.st_size);
    if (bytes == 0) give_up(control, "the data file is empty", 0);
    const void* mapping = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (mapping == MAP_FAILED) give_up(control, "cannot map the data file", errno);
    DataView view;
    if (const char* reason = view_datafile(mapping, bytes, &view)) give_up(control, reason, 0);
    return view;
}

void introduce(Control* control, const LockdownReport& report, const DataView& view, const Evaluator& evaluator) noexcept {
    control->lockdown_level = report.level;
    control->landlock_abi = report.landlock_abi;
    control->n_variables = view.n_variables;
    control->element_bytes = view.element_bytes;
    control->n_rows = view.n_rows;
    control->padded_rows = view.padded_rows;
    std::strncpy(control->instruction_set, evaluator.instruction_set(), sizeof control->instruction_set - 1);
    raise_word(control->ready, 1);
}

// Everything that needs the kernel's help happens before lock_down(); what parses or executes anything, after it.
[[noreturn]] void work(LockdownSettings settings, const char* data_path) noexcept {
    const Area area = map_area();
    const DataView view = map_data(area.control, data_path);
    const uint64_t cache_bytes = area.control->cache_bytes;
    const uint32_t spins = spins_for(WORKER_SPIN_NANOSECONDS);
    std::free(std::malloc(1));  // glibc asks for random bytes at the first allocation
    LockdownReport report;
    if (!lock_down(settings, &report)) give_up(area.control, report.failed, report.error_number);
    const char* reason = nullptr;
    Evaluator* evaluator = Evaluator::create(view, {.cache_bytes = cache_bytes}, &reason);
    if (evaluator == nullptr) give_up_locked(area.control, reason);
#ifdef VGP_ATTACKS
    evaluator = make_attackable(evaluator, area);
#endif
    Server* server = Server::create(area, view, *evaluator);
    if (server == nullptr) give_up_locked(area.control, "no memory for the server");
    introduce(area.control, report, view, *evaluator);
    server->serve(spins);
}

}  // namespace
}  // namespace vgp

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--version") == 0) return std::printf("vgp-sandbox wire %u\n", vgp::WIRE_VERSION) < 0;
    if (argc == 3 && std::strcmp(argv[1], "--print-filter") == 0) return vgp::print_filter(argv[2]);
#ifdef VGP_ATTACKS
    if (argc == 2 && std::strcmp(argv[1], "--attacks") == 0) return vgp::list_attacks(), 0;
#endif
    if (argc != 4) return vgp::EXIT_INVOCATION;
    vgp::LockdownSettings settings{std::strtoull(argv[2], nullptr, 10), std::atoi(argv[1]), nullptr, nullptr};
#ifdef VGP_ATTACKS  // tests/sandbox/attacks.cpp; not in what is installed
    vgp::read_omissions(argv[0], &settings);
#endif
    vgp::work(settings, argv[3]);
}
