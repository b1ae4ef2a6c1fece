# `make` alone explains itself. Everything lives in .venv; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: test-picamera2 programs help demo test check format clean test-long bench docs pictures sheets install deb test-install test-numpy124 bench-arm firmware firmware-test hardware

help:  ## Show this list.
	@echo "issgaze: a roof camera that brings home a picture of every visible pass of the space station."
	@echo
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{ printf "  make %-18s %s\n", $$1, $$2 }'

$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@# genuine picamera2 for the tests; what it needs of a Raspberry Pi stands in tests/standins
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		'picamera2==0.3.38' 'simplejpeg>=1.8' 'videodev2==0.0.4'
	@# the Pico's own modules and MicroPython's standard library, for the type checker alone
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(VENV)/rp2-stubs \
		'micropython-rp2-rpi-pico-stubs==1.29.*' 'micropython-stdlib-stubs==1.29.*'
	@touch $@

demo: $(VENV)/.run  ## Photograph a real pass under a simulated sky and serve the result.
	rm -rf demo
	$(BIN)/issgaze run --simulated --speed max --passes 1 --archive demo $(if $(CI),,--stay)

# Debian's browser, MQTT broker, clock and GNSS programs (program:package), for the tests that need them
PROGRAMS := chromium:chromium mosquitto:mosquitto chronyd:chrony gpsd:gpsd gpsfake:gpsd-clients

programs:
	@for pair in $(PROGRAMS); do need=$${pair%%:*}; \
		PATH="$$PATH:/usr/sbin" command -v $$need > /dev/null && continue; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			apt-get update -qq && apt-get install -y -qq --no-install-recommends $${pair#*:} > /dev/null && continue; \
		fi; \
		echo "SKIPPED: no $$need here and none can be brought; what needs it is not tested."; \
	done

test: check programs  ## Run every check and every test (under 10 minutes).
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not long"
	@$(MAKE) --no-print-directory test-numpy124

# Raspberry Pi OS bookworm has numpy 1.24, which has no wheels for Python above 3.11
PYTHON311 := $(shell command -v python3.11)
CORE_TESTS := $(wildcard $(addprefix tests/,sky orbit optics planning imaging stacking picture))

test-picamera2: $(VENV)/.test  ## Genuine picamera2 over libcamera's virtual camera (root; 4 min the first time).
	$(BIN)/python tests/picamera2/root.py

test-numpy124:  ## Run the core's tests on the numpy of Raspberry Pi OS bookworm.
ifeq ($(PYTHON311),)
	@echo "SKIPPED: no python3.11 here, so the core was not tested on numpy 1.24."
else
	@$(MAKE) --no-print-directory $(VENV)-numpy124/.test
	$(VENV)-numpy124/bin/python -m pytest -q -n $(WORKERS) -m "not long" $(CORE_TESTS)
endif

$(VENV)-numpy124/.test: pyproject.toml
	$(PYTHON311) -m venv $(VENV)-numpy124
	$(VENV)-numpy124/bin/python -m pip install --quiet --disable-pip-version-check \
		-e '.[oracles]' 'numpy==1.24.*' 'sgp4==2.15' 'Pillow==9.4.*' 'bottle==0.12.*' 'waitress==2.1.*'
	@touch $@

check: $(VENV)/.test  ## Run the linters, the type checkers and the layer contracts.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory firmware
	$(BIN)/mypy --config-file firmware/mypy.ini

FIRMWARE := $(wildcard firmware/*.py) issgaze/roofwire.py

firmware:  ## Gather the files to flash onto a roof controller in build/firmware.
	@rm -rf build/firmware && mkdir -p build/firmware
	@cp $(FIRMWARE) build/firmware/
	@cd build/firmware && sha256sum *.py > SHA256SUMS

firmware-test: $(VENV)/.test firmware  ## Try the roof controller: types, state machine, the whole under MicroPython.
	$(BIN)/mypy --config-file firmware/mypy.ini
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long" tests/firmware tests/test_roofwire.py

# CAD is 1 GB: its own environment, never part of the tests and never on the Pi
CAD := $(VENV)-hardware

$(CAD)/.built: hardware/requirements.txt
	$(PYTHON) -m venv $(CAD)
	$(CAD)/bin/python -m pip install --quiet --disable-pip-version-check -r hardware/requirements.txt
	@touch $@

hardware: $(CAD)/.built  ## Build prints, drawings, wiring and the list of parts, and try the CAD (2 min, 1 GB once).
	@command -v dot > /dev/null || { echo "graphviz is missing: sudo apt install graphviz"; exit 1; }
	$(CAD)/bin/python hardware/build.py
	$(CAD)/bin/python -m pytest -q -p no:cacheprovider -W default --confcutdir=tests/hardware tests/hardware/test_cad.py

format: $(VENV)/.test  ## Put the code into its standard form.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-long: $(VENV)/.test  ## Run the full counts of the sampled tests (long; see docs/verified.md).
	$(BIN)/python -m pytest -n $(WORKERS) -m long

# where the emulated Python and numpy are unpacked
ARM ?= .venv-arm

bench-arm: $(VENV)/.test  ## Count the digest's aarch64 instructions (needs qemu-user, gcc, apt).
	benchmarks/arm/setup.sh $(ARM)
	$(BIN)/python benchmarks/bench_arm.py $(ARM)

docs: $(VENV)/.run  ## Write the pages that are made from the code.
	$(BIN)/python -c "from issgaze.cli.configtext import config_page; print(config_page(), end='')" > docs/config.md
	$(BIN)/issgaze config example > issgaze.example.toml
	$(BIN)/issgaze -c docs/pass.toml passes --elements issgaze/data/iss_omm.json \
		--from 2024-05-10T19:00:00Z --days 1 --plot docs/pass.svg > /dev/null
	$(BIN)/python -c "from issgaze.simulated.keys import simulator_page; print(simulator_page(), end='')" > docs/simulator.md

pictures: $(VENV)/.run  ## Render the pictures of docs/simulator.md, one of each scenario (40 s).
	$(BIN)/python docs/simulator/render.py

sheets: $(VENV)/.run  ## Simulate, stack and lay out the contact sheets of docs/pictures.md (10 min).
	$(BIN)/python docs/pictures/sheets.py

install: $(VENV)/.run  ## Install for yourself: the issgaze command in ~/.local/bin.
	mkdir -p $(HOME)/.local/bin
	ln -sf $(CURDIR)/$(BIN)/issgaze $(HOME)/.local/bin/issgaze

$(VENV)/.package: pyproject.toml $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[package]'
	@touch $@

deb: $(VENV)/.package  ## Build dist/issgaze_<version>_all.deb for Raspberry Pi OS and Debian.
	$(BIN)/python packaging/build_deb.py

SUITES ?= bookworm trixie

test-install: $(VENV)/.package  ## Install, upgrade and purge on fresh Debian machines (root; 15 min each).
	for suite in $(SUITES); do $(BIN)/python -m tests.install.trial $$suite || exit 1; done

clean:  ## Remove the environment and everything that was built.
	rm -rf $(VENV) build dist demo *.egg-info
