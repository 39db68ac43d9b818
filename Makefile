# Two commands set everything up: `make sandbox` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup sandbox test check crash drill-night peers bench-report bench-stations scenarios lock clean

setup: .venv/ready

sandbox: .venv/ready
	$(BIN)/python -m bot sandbox

# Most tests wait for others to answer, so that three at once keep two cores busy. What Python has compiled is kept, as
# the tests start it dozens of times.
test: .venv/ready system check
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadfile

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

crash: .venv/ready
	$(BIN)/python -m pytest -q tests/crash --kills 60

# A night at one operator on a simulated clock: SQLite, PostgreSQL, and two processes on one PostgreSQL.
drill-night: .venv/ready
	$(BIN)/python -m tests.night

peers: .venv/ready
	sh scripts/peers.sh
	$(BIN)/python -m pytest -q peers

bench-stations: .venv/ready
	$(BIN)/python -m benchmarks.stations

scenarios: .venv/ready
	$(BIN)/python -m benchmarks.scenarios

bench-report: .venv/ready
	$(BIN)/python -m benchmarks.report

# The environment; made anew when what it is made of changes.
.venv/ready: requirements.lock pyproject.toml scripts/venv.sh
	sh scripts/venv.sh $(PYTHON)
	touch $@

.PHONY: system
system:
	sh scripts/system.sh

lock:
	$(BIN)/python -m piptools compile --quiet --strip-extras --no-annotate --no-header --all-extras --allow-unsafe \
	  --output-file requirements.lock pyproject.toml
	sed -i '/^--/d;/^$$/d' requirements.lock  # Where packages come from is each machine's own affair.

clean:
	rm -rf .venv .peers build *.egg-info data/sandbox
