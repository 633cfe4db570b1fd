# The lock of a store that one thread changes for long and others look into: whoever changes it lets those who wait in between two
# steps. An ordinary lock, released and taken again at once, would be taken before any other thread wakes.

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
        }
        void unlock() { mutex_.unlock(); }
        // For the holder, where what it guards is whole: opens for those who wait, if any; for 2 ms at most if they are slow to come.
        void give_way() {
            if (waiting_.load(std::memory_order_relaxed) == 0) return;
            mutex_.unlock();
            for (int k = 0; k < 20 && waiting_ > 0; k++) std::this_thread::sleep_for(std::chrono::microseconds(50));
            mutex_.lock();
        }
    private:
        std::mutex mutex_;
        std::atomic<int> waiting_{0};
    };
    }
    """
    cdef cppclass Turnstile "vgp::Turnstile" nogil:
        void lock()
        void unlock()
        void give_way()
