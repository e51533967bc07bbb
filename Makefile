# Learning With Others: a compendium that reruns, extends and audits.
# Works with GNU Make 3.81 (macOS) and newer. `make` alone lists what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
unexport PYTHONDONTWRITEBYTECODE

# --- What the command line may say -----------------------------------------------------------
STUDY ?= learning-with-others
PROFILE ?= full
PARAMS ?=
OUT ?=
FROM ?=
NAME ?=
VARIABLES := STUDY PROFILE PARAMS OUT FROM NAME
export $(VARIABLES)

GIVEN := $(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $v)),$v))
UNKNOWN := $(filter-out $(VARIABLES) MAKEOVERRIDES -%,$(GIVEN))
ifneq ($(UNKNOWN),)
$(error Unknown variable $(UNKNOWN). The command line takes $(VARIABLES), e.g. make reproduce PROFILE=quick)
endif
ifeq ($(filter full quick,$(PROFILE)),)
$(error PROFILE=$(PROFILE) is no profile. Choose full or quick)
endif
ifneq ($(words $(STUDY)),1)
$(error STUDY='$(STUDY)' must be one name or path without spaces; rename or link the folder)
endif
ifneq ($(words $(OUT)),$(if $(OUT),1,0))
$(error OUT='$(OUT)' must be one path without spaces)
endif

# --- Where things are ------------------------------------------------------------------------
# A name stands for a folder in data/, anything with a slash for itself.
STUDY_FOLDER := $(if $(findstring /,$(STUDY)),$(patsubst %/,%,$(STUDY)),data/$(STUDY))
STUDY_NAME := $(notdir $(STUDY_FOLDER))
BUILD := build/$(STUDY_NAME)/$(PROFILE)
# Only the full profile with the study's own parameters writes what is committed.
REPORT := $(or $(patsubst %/,%,$(OUT)),$(if $(filter full,$(PROFILE)),$(if $(PARAMS),,reports/$(STUDY_NAME))),$(BUILD)/report)

PYTHON := .venv/bin/python
INSTALLED := .venv/.installed
# One thread for linear algebra: chains and stages are what runs in parallel.
RUNNER := OMP_NUM_THREADS=1 JUPYTER_PREFER_ENV_PATH=1 PYTHONWARNINGS=ignore::ResourceWarning $(PYTHON) -m learning_with_others.pipeline.run
OPTIONS = --study "$(STUDY_FOLDER)" --profile "$(PROFILE)" --params "$$PARAMS" --build "$(BUILD)" --report "$(REPORT)" --source "$$FROM"

# --- Stages and what each is made from -------------------------------------------------------
STAGES := 01-data-quality 02-measurement-validation 03-opportunity-to-collaborate 04-collaboration-benefits 08-report
FINAL := 08-report

AFTER_02-measurement-validation := 01-data-quality
AFTER_03-opportunity-to-collaborate := 01-data-quality 02-measurement-validation
AFTER_04-collaboration-benefits := 01-data-quality 02-measurement-validation
AFTER_08-report := $(filter-out $(FINAL),$(STAGES))

ROOMS := bayes benefits data exhibits inference measurement models opportunity psychometrics quality reporting

SOURCE := src/learning_with_others
STUDY_FILES := $(shell find "$(STUDY_FOLDER)" -type f ! -name "* *" 2>/dev/null)

target = $(BUILD)/$(1).ipynb
package_files = $(wildcard $(foreach e,py jinja,$(SOURCE)/$(1)/*.$(e) $(SOURCE)/$(1)/*/*.$(e) $(SOURCE)/$(1)/*/*/*.$(e)))
prerequisites = notebooks/$(1).ipynb $(BUILD)/$(1).parameters.json $(STUDY_FILES) requirements.lock \
	$(wildcard $(SOURCE)/*.py $(SOURCE)/study/*.py) $(foreach p,$(ROOMS),$(call package_files,$(p))) \
	$(foreach s,$(AFTER_$(1)),$(call target,$(s)))

# --- What people type ------------------------------------------------------------------------
.PHONY: help setup reproduce validate new-study draft-study test benchmark explain lab clean check lint quick-build

help:  ## list the targets
	@echo "make TARGET [STUDY=name or path] [PROFILE=full|quick] [PARAMS='name=value …'] [OUT=folder] [FROM=file] [NAME=study]"
	@echo
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

setup: $(INSTALLED)  ## make .venv from the lock file (every other target does this by itself)

reproduce: $(call target,$(FINAL))  ## run the stages that are not up to date and write the report
	@if [ "$<" -nt "$(BUILD)/.checked" ]; then echo "The report is in $(REPORT)/report.html"; \
	else echo "Nothing to do: $(REPORT)/report.html is up to date"; fi

explain: $(INSTALLED)  ## say why each stage would run
	@$(RUNNER) explain $(OPTIONS) $(foreach s,$(STAGES),"$(s):$(call target,$(s)):$(call prerequisites,$(s))")

validate: $(INSTALLED)  ## say everything that is wrong with a study's files, with place and remedy
	@$(PYTHON) -m learning_with_others.pipeline.study_tools validate --study "$(STUDY_FOLDER)" --source "$$FROM" --report "build/$(STUDY_NAME)/validation.csv"

new-study: $(INSTALLED)  ## write a commented study folder that validates as it stands (NAME=my-survey)
	@$(PYTHON) -m learning_with_others.pipeline.study_tools new --name "$$NAME"

draft-study: $(INSTALLED)  ## write a first study folder from a file's own labels (FROM=file.sav NAME=my-survey)
	@$(PYTHON) -m learning_with_others.pipeline.study_tools draft --source "$$FROM" --name "$$NAME"

test: lint quick-build  ## lint, unit and reference tests, and the executed notebooks once more
	@rm -rf build/nbval
	@$(PYTHON) -m pytest -q
	@$(PYTHON) scripts/copy_executed_notebooks.py build/project-star/quick build/nbval
	@$(PYTHON) -m pytest -q --nbval-lax --nbval-current-env --nbval-cell-timeout=600 -p no:cacheprovider build/nbval/*.ipynb

lint: $(INSTALLED)
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

# Tests look at a real build, whatever STUDY and PROFILE say.
quick-build: $(INSTALLED)
	@$(MAKE) --no-print-directory reproduce STUDY=project-star PROFILE=quick PARAMS= OUT=

benchmark: $(INSTALLED)  ## time the engines against each other on the same data (over half an hour)
	@PYTHONPATH=. $(PYTHON) -m benchmarks.engines

lab: $(INSTALLED)  ## open the notebooks in JupyterLab
	@.venv/bin/jupyter lab notebooks

clean:  ## remove build/ (never data, reports or the environment)
	rm -rf build

# --- How it is done --------------------------------------------------------------------------
$(INSTALLED): requirements.lock scripts/setup.sh
	@sh scripts/setup.sh

check: $(INSTALLED)
	@$(RUNNER) check $(OPTIONS)
	@touch "$(BUILD)/.checked"

# `check` rewrites a parameters file only when it changes; the recipe makes Make look again.
$(foreach s,$(STAGES),$(BUILD)/$(s).parameters.json): check
	@:

define stage
$(call target,$(1)): $(call prerequisites,$(1)) | check
	@$$(RUNNER) run $$(OPTIONS) $(1)
endef
$(foreach s,$(STAGES),$(eval $(call stage,$(s))))
