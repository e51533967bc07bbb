# Learning With Others: a compendium that reruns, extends and audits.
# Works with GNU Make 3.81 (macOS) and newer. `make` alone lists what there is.

override SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
unexport PYTHONDONTWRITEBYTECODE JUPYTER_PATH

# --- What the command line may say -----------------------------------------------------------
# Values are taken as they were typed: Make expands nothing in them, no recipe holds one, and the
# runner, which finds them in its environment, is the only one that checks them. What the Makefile
# sets for itself is an override, so that no environment sets it.
STUDY ?= learning-with-others
PROFILE ?= full
PARAMS ?=
OUT ?=
FROM ?=
NAME ?=
ID ?=
override VARIABLES := STUDY PROFILE PARAMS OUT FROM NAME ID
$(foreach v,$(VARIABLES),$(eval override $v := $$(value $v)))
export $(VARIABLES)

override GIVEN := $(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $v)),$v))
override UNKNOWN := $(filter-out $(VARIABLES) MAKEOVERRIDES -%,$(GIVEN))
ifneq ($(UNKNOWN),)
$(error Unknown variable $(UNKNOWN). The command line takes $(VARIABLES), e.g. make reproduce PROFILE=quick)
endif

# --- Stages and their order ------------------------------------------------------------------
# Which of them run, their contents decide: see src/learning_with_others/pipeline/freshness.py.
override STAGES := 01-data-quality 02-measurement-validation 03-opportunity-to-collaborate 04-collaboration-benefits 05-pathways 06-school-context 08-report

01-data-quality: check
02-measurement-validation: 01-data-quality
03-opportunity-to-collaborate: 02-measurement-validation
04-collaboration-benefits: 02-measurement-validation 03-opportunity-to-collaborate
05-pathways: 02-measurement-validation
06-school-context: 02-measurement-validation 03-opportunity-to-collaborate
08-report: 04-collaboration-benefits 05-pathways 06-school-context

override PYTHON := .venv/bin/python
override INSTALLED := .venv/.installed
# One thread for linear algebra: chains and stages are what runs in parallel.
# Nothing but the locked packages is imported: no file of the folder, no start-up file of the user.
override PIPELINE := PYTHONSAFEPATH=1 IPYTHONDIR=build/.ipython OMP_NUM_THREADS=1 JUPYTER_PREFER_ENV_PATH=1 PYTHONWARNINGS=ignore::ResourceWarning $(PYTHON) -m learning_with_others.pipeline
# Tests are what runs side by side: each process has one thread.
override TESTS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(PYTHON) -m pytest -q
# All stages of one `make` hold the build folder together.
override HOLDER := --holder $$PPID

# --- What people type ------------------------------------------------------------------------
.PHONY: help setup reproduce validate new-study draft-study test test-deep benchmark explain trace lab clean check lint quick-build small-notebooks $(STAGES)

help:  ## list the targets
	@echo "make TARGET [STUDY=name or path] [PROFILE=full|quick] [PARAMS='name=value …'] [OUT=folder] [FROM=file] [NAME=study] [ID=number]"
	@echo
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  \1|\2/p' Makefile | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

setup: $(INSTALLED)  ## make .venv from the lock file (every other target does this by itself)

reproduce: check  ## run the stages whose inputs, code or parameters changed, and write the report
	@$(PIPELINE).run run $(HOLDER) $(STAGES)

explain: $(INSTALLED)  ## say why each stage would run
	@$(PIPELINE).run explain $(STAGES)

trace: $(INSTALLED)  ## say where a number of the report comes from and where it is used (ID=benefit.gap/gpa)
	@$(PIPELINE).run trace

validate: $(INSTALLED)  ## say everything that is wrong with a study's files, with place and remedy
	@$(PIPELINE).study_tools validate

new-study: $(INSTALLED)  ## write a commented study folder that validates as it stands (NAME=my-survey)
	@$(PIPELINE).study_tools new

draft-study: $(INSTALLED)  ## write a first study folder from a file's own labels (FROM=file.sav NAME=my-survey)
	@$(PIPELINE).study_tools draft

test: lint  ## lint, a real build, every notebook on a small study, unit and reference tests
	@$(MAKE) --no-print-directory -j 2 quick-build small-notebooks
	@$(TESTS) -n auto --dist worksteal

test-deep: $(INSTALLED)  ## what hundreds of simulated studies show; writes tests/reference/deep/
	@$(TESTS) -n auto --dist loadfile -m deep

lint: $(INSTALLED)
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

# Tests look at a real build, whatever STUDY and PROFILE say, and at a small study with items whose
# notebooks run where their own defaults put them, without the runner.
quick-build: $(INSTALLED)
	@export STUDY=project-star PROFILE=quick PARAMS= OUT= FROM=; \
	$(PIPELINE).run check $(HOLDER) $(STAGES) && $(PIPELINE).run run $(HOLDER) $(STAGES)

small-notebooks: $(INSTALLED)
	@$(PYTHON) tests/notebooks/small_project.py build/small
	@$(TESTS) --nbval-lax --nbval-current-env --nbval-cell-timeout=600 -p no:cacheprovider build/small/notebooks

benchmark: $(INSTALLED)  ## time the engines against each other on the same data, then whole studies (over half an hour)
	@PYTHONPATH=. $(PYTHON) -m benchmarks.engines
	@PYTHONPATH=. $(PYTHON) -m benchmarks.whole_studies

lab: $(INSTALLED)  ## open the notebooks in JupyterLab
	@.venv/bin/jupyter lab notebooks

clean: $(INSTALLED)  ## remove build/ (never data, reports or the environment)
	@$(PIPELINE).run clean $(HOLDER)

# --- How it is done --------------------------------------------------------------------------
$(INSTALLED): requirements.lock scripts/setup.sh
	@sh scripts/setup.sh

check: $(INSTALLED)
	@$(PIPELINE).run check $(HOLDER) $(STAGES)

$(STAGES):
	@$(PIPELINE).run run $(HOLDER) $@
