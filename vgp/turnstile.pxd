# The lock of a store that one thread changes for long and others look into: whoever changes it lets those who wait in between two
# steps. An ordinary lock, released and taken again at once, would be taken before any other thread wakes. It does so only now and then:
# a reader in Python wakes with the lock and then waits for the GIL, 5 ms or more; after every step that would bring the run to a halt.

cdef extern from *:
    """
    #include <atomic>
    #include <chrono>
    #include <mutex>
    #include <thread>
    namespace vgp {
    class Turnstile {
    public:
        void lock() {
            waiting_++;
            mutex_.lock();
            waiting_--;
            since_ = Clock::now();
        }
        void unlock() { mutex_.unlock(); }
        // For the holder, where what it guards is whole: opens for those who wait, if any and if it was not open for 5 ms; for 2 ms at
        // most if they are slow to come.
        void give_way() {
            if (waiting_.load(std::memory_order_relaxed) == 0 || Clock::now() - since_ < std::chrono::milliseconds(5)) return;
            mutex_.unlock();
            for (int k = 0; k < 20 && waiting_ > 0; k++) std::this_thread::sleep_for(std::chrono::microseconds(50));
            mutex_.lock();
            since_ = Clock::now();
        }
    private:
        using Clock = std::chrono::steady_clock;
        std::mutex mutex_;
        Clock::time_point since_;   // guarded by the mutex
        std::atomic<int> waiting_{0};
    };
    }
    """
    cdef cppclass Turnstile "vgp::Turnstile" nogil:
        void lock()
        void unlock()
        void give_way()
