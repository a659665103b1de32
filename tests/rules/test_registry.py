from __future__ import annotations

import importlib
import re
import subprocess
import sys

import pytest

from kerasfix.analysis import keras_api
from kerasfix.rules import registry

RULES = registry.every_code()


def test_codes_are_in_order_and_unique() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_says_what_it_is(rule: registry.Rule) -> None:
    assert re.fullmatch(r"KFX[0-9]{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.summary and not rule.summary.endswith(".")
    assert "What it does" in rule.documentation


@pytest.mark.parametrize("name", ["INPUT_KEYWORDS", "TENSOR_ARGUMENTS"])
def test_the_arguments_are_those_of_the_analysis(name: str) -> None:
    assert getattr(registry, name) == getattr(keras_api, name)


@pytest.mark.parametrize("module", registry.RULE_MODULES)
def test_a_rule_is_a_module_with_its_name(module: str) -> None:
    rule = importlib.import_module(f"kerasfix.rules.{module}").RULE
    assert module == rule.name.replace("-", "_")
    assert rule.triggers, "without a trigger word no file would ever reach the rule"


def test_a_rule_is_found_by_code_or_name_in_any_case() -> None:
    assert registry.find(" kfx000 ") is registry.find("Syntax-Error") is registry.SYNTAX_ERROR
    assert registry.find("KFX0") is None


def test_the_rules_are_known_without_libcst() -> None:
    code = (
        "import sys\nfrom kerasfix.rules import registry\n"
        "assert registry.every_code()\nassert 'libcst' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
