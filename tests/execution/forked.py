"""Do something in a forked process, where limits and permissions can be changed."""

import os
import sys
import traceback


def in_a_fork(action):
    """Return the exit code of a fork that does it: 0 if it raised nothing."""
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def as_nobody(action):
    """Return the same of a process that may not do everything."""

    def act():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        action()

    return in_a_fork(act)
