"""Settings: precedence, errors with the nearest name, digest."""

from pathlib import Path

import orjson
import pytest

from dideban.config import Config, CoShareConfig, ProofConfig, load_config
from dideban.errors import ConfigError
from dideban.store.manifest import read_config


def test_later_layers_win(tmp_path: Path):
    toml = tmp_path / "dideban.toml"
    toml.write_text("fdr = 0.1\nseed = 2\n[coshare]\nwindow_s = 10\n", "utf-8")
    config = load_config(
        toml_path=toml, environment={"DIDEBAN_SEED": "3", "DIDEBAN_COSHARE__MIN_WEIGHT": "4"}, flags={"seed": 5}
    )
    assert (config.fdr, config.seed, config.coshare.window_s, config.coshare.min_weight) == (0.1, 5, 10.0, 4)


def test_unknown_key_names_the_nearest():
    with pytest.raises(ConfigError) as caught:
        load_config(flags={"coshare.windows_s": 3})
    assert "coshare.window_s" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("key", "value"),
    [("fdr", "much"), ("fdr", 2), ("method", "magic"), ("seed", 1.5), ("coshare.window_s", "nan"), ("seed", True)],
)
def test_bad_values_are_named(key: str, value: object):
    with pytest.raises(ConfigError, match=key.rsplit(".", maxsplit=1)[-1]):
        load_config(flags={key: value})


def test_broken_file_is_a_config_error(tmp_path: Path):
    toml = tmp_path / "dideban.toml"
    toml.write_text("fdr = = 2", "utf-8")
    with pytest.raises(ConfigError, match="TOML"):
        load_config(toml_path=toml)


def test_digest_ignores_threads_and_sees_everything_else():
    assert Config(threads=1).digest() == Config(threads=2).digest()
    assert Config(seed=1).digest() != Config(seed=2).digest()


def test_digest_is_that_of_the_settings_as_a_package_writes_them():
    written = Config(coshare=CoShareConfig(window_s=300), proof=ProofConfig(scales_s=(10, 60)))
    settings = orjson.loads(orjson.dumps(written.to_dict()))
    assert read_config({"config": settings}).digest() == written.digest()
