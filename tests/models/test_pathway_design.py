"""The equations of a pathway: which go together, what varies, what is random, what is left out."""

import numpy as np
import pandas as pd
import pytest
from planted_chains import CHAIN, GROUPS, default_study, true_study

from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.errors import CompendiumError
from learning_with_others.models.pathway_chain import Chain, chain_of
from learning_with_others.models.pathway_design import CLUSTER, pathway_design

STRAIGHT = Chain("collaboration", (("personalization",), ("engagement",), ("gpa",)))
SLOPES = [
    ("personalization", "collaboration, within classroom"),
    ("engagement", "personalization, within classroom"),
]


@pytest.fixture(scope="module")
def study():
    return default_study()


@pytest.fixture(scope="module")
def rows():
    return true_study(1)[0]


def with_roles(study, **changes):
    return study.model_copy(update={"roles": study.roles.model_copy(update=changes)})


def equation(design, outcome):
    part = design.parts[design.part_of(outcome)]
    return next(each for each in part.equations if each.outcome == outcome)


def test_the_declared_chain(study):
    chain = chain_of(study)
    assert chain.exposure == "collaboration"
    assert [len(block) for block in chain.blocks] == [2, 4, 1]
    assert chain.varying == CHAIN.varying
    with pytest.raises(CompendiumError, match=r"roles\.pathway"):
        chain_of(with_roles(study, pathway=None))


class TestParts:
    def test_blocks_that_a_varying_path_joins_are_fitted_together(self, rows, study):
        design = pathway_design(rows, study, CHAIN)
        blocks = [part.blocks for part in design.parts]
        assert blocks == [(("personalization", "teacher_support"), ("engagement",)), (("gpa",),)]
        assert design.parts[0].covarying == (tuple(SLOPES),)
        assert [design.part_of(name) for name in ("teacher_support", "gpa")] == [0, 1]

    def test_others_are_fitted_one_by_one(self, rows, study):
        design = pathway_design(rows, study, STRAIGHT)
        assert [part.blocks for part in design.parts] == [
            (("personalization",),), (("engagement",),), (("gpa",),),
        ]  # fmt: skip
        assert not any(part.pairs for part in design.parts)

    def test_a_block_between_that_no_link_enters_stays_alone(self, rows, study):
        links = (("collaboration", "personalization"), ("personalization", "gpa"))
        design = pathway_design(rows, study, Chain("collaboration", STRAIGHT.blocks, (links,)))
        assert [part.blocks for part in design.parts] == [
            (("personalization",), ("gpa",)), (("engagement",),),
        ]  # fmt: skip

    def test_two_paths_that_share_a_block_join_all_they_touch(self, rows, study):
        paths = (
            (("collaboration", "personalization"), ("personalization", "engagement")),
            (("teacher_support", "engagement"), ("engagement", "gpa")),
        )
        design = pathway_design(rows, study, Chain("collaboration", CHAIN.blocks, paths))
        assert len(design.parts) == 1
        assert len(design.parts[0].covarying) == 2

    def test_one_varying_link_has_nothing_to_covary_with(self, rows, study):
        chain = Chain("collaboration", STRAIGHT.blocks, ((("collaboration", "engagement"),),))
        design = pathway_design(rows, study, chain)
        assert len(design.parts) == 3
        assert equation(design, "engagement").varying == (INTERCEPT, SLOPES[0][1])
        assert not any(part.covarying for part in design.parts)

    def test_intercepts_and_declared_slopes_vary_and_nothing_else(self, rows, study):
        design = pathway_design(rows, study, CHAIN)
        found = [place for part in design.parts for place in part.varying]
        intercepts = [(name, INTERCEPT) for name in CHAIN.names[1:]]
        assert sorted(found) == sorted([*intercepts, *SLOPES])
        # Cluster means are regressors, so intercepts covary with nothing (statistics.md).
        together = {place for part in design.parts for group in part.covarying for place in group}
        assert together == set(SLOPES)

    def test_every_parameter_has_a_prior(self, rows, study):
        design = pathway_design(rows, study, CHAIN)
        for part, priors in zip(design.parts, design.priors, strict=True):
            assert set(priors.coefficients) == set(part.coefficients)
            assert set(priors.standard_deviations) == set(part.standard_deviations)


class TestTerms:
    def test_an_equation_holds_all_blocks_before_it_by_group_and_between(self, rows, study):
        design = pathway_design(rows, study, CHAIN)
        terms = equation(design, "engagement").terms
        for start in ("collaboration", "personalization", "teacher_support"):
            own = f"{start}, within classroom"
            expected = {own, f"Black × {own}", f"share Black in classroom × {own}",
                        f"{start}, mean of classroom"}  # fmt: skip
            assert expected <= set(terms)
        assert not [term for term in terms if term.startswith(("engagement", "gpa,"))]
        assert "prior_gpa" in terms
        assert design.left_out == ()

    def test_deviations_and_means_add_up_to_standardized_variables(self, rows, study):
        data = pathway_design(rows, study, CHAIN).data
        for name in CHAIN.names[:-1]:
            deviation, mean = (data[f"{name}, {of} classroom"] for of in ("within", "mean of"))
            standardized = (rows[name] - rows[name].mean()) / rows[name].std(ddof=0)
            np.testing.assert_allclose(deviation + mean, standardized, atol=1e-12)
            means = deviation.groupby(rows["classroom"]).mean()
            np.testing.assert_allclose(means, 0, atol=1e-12)

    def test_small_groups_are_one_and_sizes_are_of_the_two_compared(self, rows, study):
        design = pathway_design(rows, study, CHAIN)
        few = rows["race"].value_counts().loc[lambda sizes: sizes < 10].index
        assert len(few)
        terms = equation(design, "gpa").terms
        assert OTHER_GROUPS in terms
        assert not set(few) & set(terms)
        assert set(design.sizes["gpa"]) == set(GROUPS)
        assert design.sizes["gpa"]["Black"] == (rows["race"] == "Black").sum()

    def test_an_equation_has_covariates_of_its_own(self, rows, study):
        own = study.roles.pathway.model_copy(
            update={"covariates": {"gpa": ["prior_gpa"], "personalization": []}}
        )
        design = pathway_design(rows, with_roles(study, pathway=own, covariates=[]), CHAIN)
        assert design.covariates == (("gpa", "prior_gpa"),)
        assert "prior_gpa" not in equation(design, "engagement").terms


class TestMissing:
    def test_a_student_leaves_only_equations_that_need_what_is_missing(self, rows, study):
        gone = rows.index[:100]
        some = rows.assign(gpa=rows["gpa"].mask(rows.index.isin(gone)))
        design = pathway_design(some, study, CHAIN)
        known = {name: sum(own.values()) for name, own in design.sizes.items()}
        both = rows["race"].isin(GROUPS)
        assert known["engagement"] == both.sum()
        assert known["gpa"] == both.drop(gone).sum()

    def test_a_mediator_of_the_same_block_is_not_needed(self, rows, study):
        some = rows.assign(teacher_support=rows["teacher_support"].mask(rows.index < 50))
        design = pathway_design(some, study, CHAIN)
        statistics = collapse_system(design.parts[0], design.data, design.data[CLUSTER])
        patterns = statistics.patterns
        by_equations = {tuple(each.present): each.rows for each in patterns[0]}
        assert by_equations == {(True, False): 50, (True, True): len(rows) - 50}
        assert sum(each.rows for each in patterns[1]) == len(rows) - 50

    def test_a_variable_that_does_not_vary_is_named(self, rows, study):
        with pytest.raises(CompendiumError, match="'engagement' does not vary"):
            pathway_design(rows.assign(engagement=1.0), study, CHAIN)

    def test_without_a_group_there_is_nothing_to_compare(self, rows, study):
        with pytest.raises(CompendiumError, match="'Black'"):
            pathway_design(rows[rows["race"] != "Black"], study, CHAIN)


class TestSchools:
    def test_few_are_fixed_and_the_first_is_left_out(self, rows, study):
        design = pathway_design(rows, study, CHAIN)
        fixed = [term for term in equation(design, "gpa").terms if term.startswith("school")]
        assert len(fixed) == rows["school"].nunique() - 1
        assert not any(part.scaled for part in design.parts)

    def test_ten_or_more_are_random(self, rows, study):
        by_room = pd.factorize(rows["classroom"])[0] % 10
        design = pathway_design(rows.assign(school=by_room.astype(str)), study, CHAIN)
        assert [list(part.scaled) for part in design.parts] == [
            ["school[personalization]", "school[teacher_support]", "school[engagement]"],
            ["school[gpa]"],
        ]
        for part in design.parts:
            for places in part.scaled.values():
                assert len(places) == 10
                assert set(places) <= set(part.coefficients)
        assert "sd_school[gpa]" in design.priors[1].standard_deviations
        nine = rows.assign(school=(by_room % 9).astype(str))
        assert not pathway_design(nine, study, CHAIN).parts[0].scaled

    def test_where_the_school_is_the_cluster_it_has_no_other_effect(self, rows, study):
        rooms = rows.assign(school=rows["classroom"])
        design = pathway_design(rooms, with_roles(study, classroom=None), CHAIN)
        assert design.cluster == "school"
        assert SLOPES[0][1].replace("classroom", "school") in design.data
        assert not [term for term in equation(design, "gpa").terms if term.startswith("school ")]
        assert not any(part.scaled for part in design.parts)


class TestFewClusters:
    def test_one_classroom_a_school_leaves_out_means_of_classrooms(self, rows, study):
        first = rows.groupby("school")["classroom"].transform("first")
        four = rows[rows["classroom"] == first]
        design = pathway_design(four, study, STRAIGHT)
        # Four schools take all that four classrooms tell.
        assert "gpa: collaboration, mean of classroom" in design.left_out
        assert "gpa: share Black in classroom" in design.left_out
        assert not [t for t in equation(design, "gpa").terms if t.endswith("mean of classroom")]

    def test_what_one_value_left_out_the_next_leaves_out_too(self, rows, study):
        out = ("gpa: engagement, mean of classroom",)
        design = pathway_design(rows, study, CHAIN, out)
        assert design.left_out == out
        assert "engagement, mean of classroom" not in equation(design, "gpa").terms

    def test_an_exposure_centred_already_has_no_mean(self, rows, study):
        means = rows.groupby("classroom")["collaboration"].transform("mean")
        design = pathway_design(
            rows.assign(collaboration=rows["collaboration"] - means), study, CHAIN
        )
        assert "collaboration, mean of classroom" not in equation(design, "gpa").terms


class TestWhatSomeLack:
    def test_a_school_without_the_last_outcome_has_no_term_in_its_equation(self, rows, study):
        schools = sorted(rows["school"].unique())
        for lacking in (schools[0], schools[-1]):
            without = rows.assign(gpa=rows["gpa"].where(rows["school"] != lacking))
            design = pathway_design(without, study, CHAIN)
            (gone,) = [term for term in design.left_out if term.startswith("gpa: ")]
            assert gone.startswith("gpa: school")
            assert not [term for term in design.left_out if not term.startswith("gpa: ")]

    def test_a_group_not_compared_may_lack_a_mediator(self, rows, study):
        lacking = rows["race"].eq("Asian")
        without = rows.assign(engagement=rows["engagement"].where(~lacking))
        design = pathway_design(without, study, CHAIN)
        left = {term for term in design.left_out if "Asian" in term}
        assert "engagement: Asian" in left
        assert "engagement: Asian × collaboration, within classroom" in left
        assert not [term for term in left if term.startswith("personalization")]

    @pytest.mark.parametrize("group", GROUPS)
    def test_a_group_compared_may_not(self, rows, study, group):
        lacking = rows["race"].eq(group)
        without = rows.assign(engagement=rows["engagement"].where(~lacking))
        with pytest.raises(CompendiumError, match=rf"{group}.*'engagement'") as told:
            pathway_design(without, study, CHAIN)
        assert "roles.pathway.blocks" in str(told.value)
