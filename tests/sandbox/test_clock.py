"""A clock that several processes read, and that only goes forward."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.clock import utc_now
from bot.sandbox.clock import MovableClock

MOMENT = timedelta(seconds=5)
READS = """
import sys
from pathlib import Path
from bot.sandbox.clock import MovableClock
clock = MovableClock(Path(sys.argv[1]))
for _ in sys.stdin:
    print(clock.passed.total_seconds(), flush=True)
"""


def test_a_new_clock_shows_the_real_time(tmp_path: Path) -> None:
    clock = MovableClock.new(tmp_path / "clock")
    assert clock.passed == timedelta()
    assert abs(clock() - utc_now()) < MOMENT


def test_what_is_let_pass_adds_up(tmp_path: Path) -> None:
    clock = MovableClock.new(tmp_path / "clock")
    clock.forward(timedelta(minutes=5))
    clock.forward(timedelta(hours=6))
    assert clock.passed == timedelta(hours=6, minutes=5)
    assert abs(clock() - utc_now() - clock.passed) < MOMENT


@pytest.mark.parametrize("span", [timedelta(), timedelta(seconds=-1)])
def test_it_never_goes_back(tmp_path: Path, span: timedelta) -> None:
    with pytest.raises(ValueError, match="only passes"):
        MovableClock.new(tmp_path / "clock").forward(span)


def test_a_clock_that_is_made_anew_has_let_nothing_pass(tmp_path: Path) -> None:
    MovableClock.new(tmp_path / "clock").forward(timedelta(hours=1))
    assert MovableClock.new(tmp_path / "clock").passed == timedelta()


def test_another_process_that_runs_already_reads_the_same_time(tmp_path: Path) -> None:
    clock = MovableClock.new(tmp_path / "clock")
    arguments = [sys.executable, "-c", READS, str(tmp_path / "clock")]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as other:
        assert other.stdin is not None and other.stdout is not None

        def read() -> str:
            assert other.stdin is not None and other.stdout is not None
            other.stdin.write("\n")
            return other.stdout.readline().strip()

        assert read() == "0.0"
        clock.forward(timedelta(minutes=20))
        assert read() == "1200.0"
        other.stdin.close()
    assert other.returncode == 0
