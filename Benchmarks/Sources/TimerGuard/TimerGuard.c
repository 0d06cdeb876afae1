// Loaded in front of libfaketime into the processes whose wall clock is stepped. libfaketime 0.9.10 moves the absolute times
// of every timerfd by the step, those on monotonic clocks too, so that a timer would ring an hour late or at once, which
// no step of a real clock does. This hands them to the kernel as they are.
#define _GNU_SOURCE
#include "TimerGuard.h"
#include <sys/syscall.h>
#include <unistd.h>

int timerfd_settime(int timer, int flags, const struct itimerspec *new_value, struct itimerspec *old_value) {
    return (int)syscall(SYS_timerfd_settime, timer, flags, new_value, old_value);
}
